package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.strip.SlotTable;

/**
 * A stored NAR with its recipe in memory, from which any number of readers can be made. Safe for use by many threads.
 * It holds a part of the memory for recipes until it is closed.
 */
public final class StoredNar implements AutoCloseable {

    /** Of every so many blocks the position is noted. */
    private static final int NOTED_BLOCKS = 1024;

    private final PackCache packs;
    private final Sha256 narHash;
    private final NarEntry entry;
    private final Recipe recipe;
    private final long[] positions;
    private final Runnable onClose;
    private boolean closed;

    /** The NAR of this entry; runs {@code onClose} once, when it is closed. */
    StoredNar(PackCache packs, Sha256 narHash, NarEntry entry, Recipe recipe, Runnable onClose) {
        this.packs = packs;
        this.narHash = narHash;
        this.entry = entry;
        this.recipe = recipe;
        this.onClose = onClose;
        this.positions = new long[recipe.blocks() / NOTED_BLOCKS + 1];
        long position = 0;
        for (int i = 0; i < recipe.blocks(); i++) {
            if (i % NOTED_BLOCKS == 0) {
                positions[i / NOTED_BLOCKS] = position;
            }
            position += recipe.length(i);
        }
    }

    /** Its hash. */
    public Sha256 narHash() {
        return narHash;
    }

    /** Its blocks and where digests stood. */
    public Recipe recipe() {
        return recipe;
    }

    /** The digests that stood there. */
    public SlotTable slots() {
        return entry.slots();
    }

    /**
     * Returns a reader of bytes {@code from} to {@code from + length}, which compares every block with its id and is
     * to be closed before this is.
     *
     * @throws IndexOutOfBoundsException if the range is empty or not inside the NAR
     */
    public NarReader read(long from, long length) {
        requireInside(from, length, recipe.narSize());
        return new NarReader(packs, this, from, length, false, () -> {});
    }

    static void requireInside(long from, long length, long narSize) {
        if (from < 0 || length <= 0 || length > narSize - from) {
            throw new IndexOutOfBoundsException("from=" + from + ", length=" + length + ", NarSize=" + narSize);
        }
    }

    /** Index of the last block that begins at or before {@code position}, of those whose position was noted. */
    int notedBlock(long position) {
        int low = 0;
        int high = positions.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (positions[middle] <= position && middle * NOTED_BLOCKS < recipe.blocks()) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low * NOTED_BLOCKS;
    }

    /** Offset in the NAR of a block that {@link #notedBlock} gave. */
    long notedPosition(int block) {
        return positions[block / NOTED_BLOCKS];
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        onClose.run();
    }
}
