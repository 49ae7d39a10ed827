package dev.narsil.blockstore;

import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.blockstore.pack.PackWriter;
import dev.narsil.rewrite.hash.Sha256;

/**
 * The pack under construction of one ingest at a time; the next ingest goes on with it, so small NARs share packs. The committer
 * may seal it at any moment.
 */
final class Lane {

    private final GroupCommit group;
    private final PackWriter writer = new PackWriter();

    Lane(GroupCommit group) {
        this.group = group;
    }

    /** Adds a block the caller has claimed. May wait for earlier packs to become durable. */
    void add(Sha256 id, byte[] data, int off, int length) throws StoreException {
        group.awaitRoom();
        synchronized (this) {
            if (!writer.fits(length)) {
                seal();
            }
            writer.add(id, data, off, length);
        }
    }

    /** Hands the blocks gathered so far to the open group as one pack. */
    synchronized void seal() {
        EncodedPack pack = writer.finish();
        if (pack != null) {
            group.add(pack);
        }
    }

    synchronized void free() {
        writer.close();
    }
}
