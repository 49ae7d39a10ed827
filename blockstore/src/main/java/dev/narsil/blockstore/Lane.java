package dev.narsil.blockstore;

import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.blockstore.pack.PackWriter;
import dev.narsil.rewrite.hash.Sha256;

/**
 * The pack under construction of one ingest at a time, and its working memory. The next ingest goes on with it, so
 * small NARs share packs. The committer may seal it at any moment.
 */
final class Lane {

    private final CommitQueue queue;
    private final ClaimedBlocks claimed;
    private final PackWriter writer = new PackWriter();
    private final byte[] window;
    private final byte[] scratch;

    Lane(CommitQueue queue, ClaimedBlocks claimed, int maxBlock) {
        this.queue = queue;
        this.claimed = claimed;
        this.window = new byte[maxBlock * BlockCutter.WINDOW_BLOCKS];
        this.scratch = new byte[maxBlock];
    }

    /** Memory for the {@link BlockCutter} of the ingest that has the lane. */
    byte[] window() {
        return window;
    }

    /** Memory for one block of the ingest that has the lane. */
    byte[] scratch() {
        return scratch;
    }

    /**
     * Adds a block unless it is stored or another lane has it, and tells whether it did. May wait for earlier packs to
     * become durable.
     *
     * <p>A block is claimed and added in one step as the committer sees it: whoever relies on the claim of another lane
     * may be taken by the committer at once, which then seals that lane and must find the block in it.
     */
    boolean addIfNew(Sha256 id, byte[] data, int off, int length) throws StoreException {
        if (claimed.isKnown(id)) {
            return false;
        }
        queue.awaitRoom();
        synchronized (this) {
            if (!writer.fits(length)) {
                seal();
            }
            boolean added = claimed.claim(id);
            if (added) {
                writer.add(id, data, off, length);
            }
            return added;
        }
    }

    /** Hands the blocks gathered so far to the open group as one pack. */
    synchronized void seal() {
        EncodedPack pack = writer.finish();
        if (pack != null) {
            queue.add(pack);
        }
    }

    synchronized void free() {
        writer.close();
    }
}
