package dev.narsil.blockstore;

import dev.narsil.blockstore.pack.Pack;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.strip.Restorer;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one stored NAR, or of a range of one, in order and verified. Not safe for use by several threads; waits, but
 * calls no native code itself.
 *
 * <p>Of a whole NAR the last slice is given out only once the hash of all bytes equals the NarHash. Of a range every block is
 * compared with its id.
 */
public final class NarReader implements AutoCloseable {

    /** Blocks located at a time: few at first, for an early first byte, then twice as many each time up to the last. */
    private static final int FIRST_LOCATE = 16;

    private static final int MAX_LOCATE = 256;

    /** Neighbouring blocks of a pack are given out together up to this many bytes. */
    private static final int MAX_SLICE = 256 << 10;

    private final PackCache packs;
    private final PackWindow window;
    private final Runnable onClose;
    private final Sha256 narHash;
    private final Recipe recipe;
    private final Restorer restorer;
    private final long end;
    private final long length;
    private final @Nullable MessageDigest whole;

    private int block;
    private long blockPosition;
    private long position;
    private int locateNext = FIRST_LOCATE;
    private int locatedFrom;
    private List<BlockLocation> located = List.of();
    private @Nullable CompletableFuture<List<BlockLocation>> locating;
    private @Nullable NarSlice withheld;
    private boolean proven;
    private boolean closed;

    /**
     * A reader of a range, or of all, that runs {@code onClose} once, when it is closed.
     *
     * @param proveWhole whether a range that is all is proven by the NarHash instead of by the ids of its blocks
     */
    NarReader(PackCache packs, StoredNar nar, long from, long length, boolean proveWhole, Runnable onClose) {
        this.packs = packs;
        this.onClose = onClose;
        this.window = new PackWindow(packs);
        this.narHash = nar.narHash();
        this.recipe = nar.recipe();
        this.restorer = new Restorer(recipe.holes(), nar.slots());
        this.position = from;
        this.end = from + length;
        this.length = length;
        this.whole = proveWhole && length == recipe.narSize() ? Sha256.newDigest() : null;
        this.block = nar.notedBlock(from);
        this.blockPosition = nar.notedPosition(block);
        while (block < recipe.blocks() && blockPosition + recipe.length(block) <= from) {
            blockPosition += recipe.length(block++);
        }
        packs.readerOpened();
        locating = locate(block);
    }

    /** Number of bytes that {@link #next()} gives in all. */
    public long length() {
        return length;
    }

    /**
     * Returns the next bytes, or null after the last.
     *
     * @throws StoreException CORRUPT if what is stored is not what was stored; then the bytes given out so far are not the
     *     whole and may be wrong. ABSENT if the NAR was collected meanwhile
     */
    public @Nullable NarSlice next() throws IOException {
        try {
            return nextProven();
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.CORRUPT && !packs.hasNar(narHash)) {
                throw new StoreException(
                        StoreException.Kind.ABSENT, narHash + " was collected as garbage while it was read", e);
            }
            throw e;
        }
    }

    private @Nullable NarSlice nextProven() throws IOException {
        if (whole == null) {
            return produce();
        }
        while (true) {
            NarSlice slice = produce();
            NarSlice ready = withheld;
            withheld = slice;
            if (slice == null) {
                if (!proven) {
                    requireHash();
                    proven = true;
                }
                return ready;
            }
            whole.update(slice.array(), slice.offset(), slice.length());
            if (ready != null) {
                return ready;
            }
        }
    }

    private void requireHash() throws StoreException {
        Sha256 hash = Sha256.finish(java.util.Objects.requireNonNull(whole));
        if (!hash.equals(narHash)) {
            throw corrupt("the NAR comes back as " + hash + " instead of " + narHash);
        }
    }

    private @Nullable NarSlice produce() throws IOException {
        if (position >= end) {
            return null;
        }
        BlockLocation first = location(block);
        prefetch();
        Pack pack = window.get(first.pack());
        requireInside(pack, first, block);
        int sliceEnd = first.offset() + first.length();
        long sliceStart = blockPosition;
        boolean holes = restorer.hasHoles(sliceStart, sliceStart + first.length());
        advance();
        while (!holes && blockPosition < end && sliceEnd - first.offset() < MAX_SLICE && block < locatedEnd()) {
            BlockLocation next = location(block);
            if (next.pack() != first.pack()
                    || next.offset() != sliceEnd
                    || restorer.hasHoles(blockPosition, blockPosition + next.length())) {
                break;
            }
            requireInside(pack, next, block);
            sliceEnd += next.length();
            advance();
        }
        return slice(pack.raw(), first.offset(), sliceEnd - first.offset(), sliceStart, holes);
    }

    private NarSlice slice(byte[] raw, int offset, int sliceLength, long sliceStart, boolean holes) {
        byte[] array = raw;
        int from = offset;
        if (holes) {
            array = Arrays.copyOfRange(raw, offset, offset + sliceLength);
            from = 0;
            restorer.seek(sliceStart);
            restorer.restore(array, 0, sliceLength);
        }
        int skip = (int) (position - sliceStart);
        int count = (int) Math.min(sliceLength - skip, end - position);
        position += count;
        return new NarSlice(array, from + skip, count);
    }

    private void advance() {
        blockPosition += recipe.length(block++);
    }

    private void requireInside(Pack pack, BlockLocation location, int index) throws StoreException {
        if (location.length() != recipe.length(index) || location.length() > pack.raw().length - location.offset()) {
            throw corrupt("block " + recipe.id(index).toHex() + " is not at " + location);
        }
        if (whole == null
                && !Sha256.hash(pack.raw(), location.offset(), location.length())
                        .equals(recipe.id(index))) {
            throw corrupt("block " + recipe.id(index).toHex() + " at " + location + " has other bytes");
        }
    }

    private int locatedEnd() {
        return locatedFrom + located.size();
    }

    private BlockLocation location(int index) throws IOException {
        if (index >= locatedEnd()) {
            if (locating == null) {
                throw corrupt("the recipe ends before the NAR");
            }
            located = PackCache.await(locating);
            locatedFrom = index;
            locating = locate(locatedEnd());
        }
        return located.get(index - locatedFrom);
    }

    private @Nullable CompletableFuture<List<BlockLocation>> locate(int from) {
        int count = Math.min(locateNext, recipe.blocks() - from);
        locateNext = Math.min(2 * locateNext, MAX_LOCATE);
        return count <= 0 ? null : packs.locate(recipe.ids(), from, count);
    }

    /** Starts reading the packs of the blocks that come next. */
    private void prefetch() throws StoreException {
        int budget = packs.prefetchLimit();
        long last = located.get(block - locatedFrom).pack();
        int ahead = 0;
        long aheadPosition = blockPosition;
        for (int i = block; i < locatedEnd() && ahead < budget && aheadPosition < end; i++) {
            long pack = located.get(i - locatedFrom).pack();
            if (pack != last) {
                ahead++;
                last = pack;
                window.prefetch(pack);
            }
            aheadPosition += recipe.length(i);
        }
    }

    private StoreException corrupt(String reason) {
        return new StoreException(StoreException.Kind.CORRUPT, narHash + " cannot be served: " + reason);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            packs.readerClosed();
            onClose.run();
        }
    }
}
