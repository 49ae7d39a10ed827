package dev.narsil.blockstore;

import dev.narsil.blockstore.CommitGroup.FinishedNar;
import dev.narsil.chunker.Chunker;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarException;
import dev.narsil.rewrite.nar.NarParser;
import dev.narsil.rewrite.strip.Restorer;
import dev.narsil.rewrite.strip.Stripper;
import java.io.IOException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Takes one NAR in as it arrives. Not safe for use by several threads; calls native code, so not for virtual threads.
 *
 * <p>The bytes are stripped, cut into blocks, restored from what will be stored, and the hash of the restored bytes is
 * compared with the one announced, or else with that of the bytes taken: what cannot be proven to come back is not stored.
 */
public final class NarIngest implements AutoCloseable {

    /** Most bytes the parser runs ahead of the cutter, which bounds the forced cuts that wait. */
    private static final int STEP = 64 << 10;

    private final GroupCommit group;
    private final @Nullable Sha256 announced;
    private final long maxSize;
    private final int epoch;
    private final Lane lane;

    private final BlockCutter cutter;
    private final NarParser parser;
    private final Stripper stripper;
    private final Restorer restorer;
    private final Recipe.Builder recipe = new Recipe.Builder();
    private final MessageDigest restoredHash = Sha256.newDigest();
    private final @Nullable MessageDigest takenHash;
    private final byte[] scratch;

    private long received;
    private long restored;
    private long added;
    private @Nullable String opaqueReason;
    private boolean ended;

    /** Takes a NAR announced with this hash, which has {@code maxSize} bytes, or with none, which has at most as many. */
    NarIngest(BlockStore store, GroupCommit group, @Nullable Sha256 announced, long maxSize) throws StoreException {
        this.group = group;
        this.announced = announced;
        this.maxSize = maxSize;
        this.takenHash = announced == null ? Sha256.newDigest() : null;
        this.epoch = group.queue().epoch();
        this.lane = group.lanes().borrow(recipe);
        this.scratch = lane.scratch();
        this.cutter = new BlockCutter(new Chunker(store.chunker()), lane.window(), this::block);
        this.parser = new NarParser(cutter);
        this.stripper = new Stripper(store.storeDir(), cutter::write);
        this.restorer = new Restorer(stripper.holes(), stripper.slots());
    }

    /**
     * Takes the next bytes.
     *
     * @throws NarMismatchException as soon as more arrive than announced or allowed
     * @throws IllegalStateException after {@link #close()}
     */
    public void write(byte[] data, int off, int len) throws IOException {
        requireNotClosed();
        if (len > maxSize - received) {
            throw new NarMismatchException(
                    announced == null
                            ? "the NAR has more than " + maxSize + " bytes"
                            : "the NAR is longer than its NarSize, " + maxSize);
        }
        received += len;
        if (takenHash != null) {
            takenHash.update(data, off, len);
        }
        for (int done = 0; done < len; done += STEP) {
            int count = Math.min(STEP, len - done);
            if (opaqueReason == null) {
                try {
                    parser.feed(data, off + done, count);
                } catch (NarException e) {
                    opaqueReason = e.getMessage();
                }
            }
            stripper.write(data, off + done, count);
        }
    }

    private void block(byte[] buffer, int off, int length) throws IOException {
        Sha256 id = Sha256.hash(buffer, off, length);
        recipe.add(id, length);
        if (lane.addIfNew(id, buffer, off, length)) {
            added += length;
        }
        if (restorer.hasHoles(restored, restored + length)) {
            System.arraycopy(buffer, off, scratch, 0, length);
            restorer.seek(restored);
            restorer.restore(scratch, 0, length);
            restoredHash.update(scratch, 0, length);
        } else {
            restoredHash.update(buffer, off, length);
        }
        restored += length;
    }

    /**
     * Ends the NAR. It is durable once a path that {@link NarStore#publish} was given for it is.
     *
     * @throws NarMismatchException if it is not the NAR announced
     */
    public IngestedNar finish() throws IOException {
        requireNotClosed();
        stripper.finish();
        cutter.finish();
        if (announced != null && received != maxSize) {
            throw new NarMismatchException("the NAR has " + received + " bytes, its NarSize is " + maxSize);
        }
        if (opaqueReason == null) {
            try {
                parser.finish();
            } catch (NarException e) {
                opaqueReason = e.getMessage();
            }
        }
        Sha256 hash = Sha256.finish(restoredHash);
        requireHash(hash);
        Recipe finished = recipe.build(
                opaqueReason != null, stripper.holes(), stripper.slots().size());
        byte[] encoded = finished.encode();
        Sha256 recipeId = Sha256.hash(encoded);
        if (!finished.sameAs(Recipe.decode(encoded))) {
            throw new StoreException(StoreException.Kind.FAILED, "the recipe does not survive its own format");
        }
        recipe.identified(recipeId);
        boolean known = group.isKnownRecipe(recipeId);
        NarEntry entry = new NarEntry(recipeId, received, stripper.slots());
        group.queue().add(new FinishedNar(hash, entry, recipeId, known ? null : encoded), epoch);
        added = 0;
        return new IngestedNar(hash, received, finished.holes().size(), opaqueReason);
    }

    private void requireHash(Sha256 restored) throws IOException {
        if (announced != null && !restored.equals(announced)) {
            throw new NarMismatchException("the NAR hashes to " + restored + ", its NarHash is " + announced);
        }
        if (takenHash != null && !Sha256.finish(takenHash).equals(restored)) {
            throw new StoreException(StoreException.Kind.FAILED, "the NAR would not come back as it was taken in");
        }
    }

    /** After the close the memory is another ingest's. */
    private void requireNotClosed() {
        if (ended) {
            throw new IllegalStateException("the ingest is closed");
        }
    }

    /** Gives everything back; a NAR that was not finished leaves nothing visible. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            group.lanes().giveBack(lane, recipe, added);
        }
    }
}
