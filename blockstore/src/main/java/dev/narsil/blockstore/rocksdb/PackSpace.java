package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.BlockStore.Step;
import dev.narsil.blockstore.StoreException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What gives the space of deleted packs back.
 *
 * <p>A blob file goes once RocksDB has dropped the last reference to it, which a compaction of the references does: they are some
 * forty bytes a pack, so that costs little. Packs that a deletion has left in a file with others keep the whole file. Where such
 * garbage is a large share of all, live packs near deleted ones are written anew, a piece at a time, and their old files go. So
 * at most three bytes are rewritten for each byte won, and little more space than a piece is taken meanwhile.
 */
final class PackSpace {

    /** Live packs are rewritten if at least one in this many bytes of blob files is garbage. */
    static final int GARBAGE_SHARE = 4;

    /** Bytes of packs rewritten before the files they lay in are dropped. */
    static final long PIECE_BYTES = 64L << 20;

    /** Packs have neighbours in their blob file: those whose numbers begin alike. */
    private static final int NEIGHBOURS = 64;

    /** Live packs are rewritten if at least one in this many neighbours is gone. */
    private static final int GONE_SHARE = 8;

    private final Packs packs;

    /** The column family of the packs. */
    interface Packs {
        /** Drops references to deleted packs among these, or all. */
        void compact(byte @Nullable [] first, byte @Nullable [] last) throws StoreException;

        /** Reads a number that RocksDB keeps. */
        long property(String name) throws StoreException;

        /** Writes a pack anew; returns its length, 0 if there is none. */
        int rewrite(byte[] key) throws StoreException;

        /** Makes what was rewritten durable. */
        void flush() throws StoreException;
    }

    PackSpace(Packs packs) {
        this.packs = packs;
    }

    void reclaim(BitSet stored, Step step) throws StoreException {
        packs.flush();
        packs.compact(null, null);
        if (!hasMuchGarbage()) {
            return;
        }
        int first = -1;
        long bytes = 0;
        for (int pack = stored.nextSetBit(0); pack >= 0; pack = stored.nextSetBit(pack + 1)) {
            if (!isNearGarbage(stored, pack)) {
                continue;
            }
            step.next();
            first = first < 0 ? pack : first;
            bytes += packs.rewrite(key(pack));
            if (bytes >= PIECE_BYTES) {
                drop(first, pack);
                first = -1;
                bytes = 0;
            }
        }
        if (first >= 0) {
            drop(first, stored.length());
        }
    }

    private void drop(int first, int last) throws StoreException {
        packs.flush();
        packs.compact(key(first), key(last));
    }

    private boolean hasMuchGarbage() throws StoreException {
        return packs.property("rocksdb.live-blob-file-garbage-size") * GARBAGE_SHARE
                >= Math.max(1, packs.property("rocksdb.live-blob-file-size"));
    }

    private static boolean isNearGarbage(BitSet stored, int pack) {
        int from = pack / NEIGHBOURS * NEIGHBOURS;
        int to = Math.min(from + NEIGHBOURS, stored.length());
        int gone = to - from - stored.get(from, to).cardinality();
        return gone * GONE_SHARE >= to - from;
    }

    private static byte[] key(int pack) {
        return ByteBuffer.allocate(Long.BYTES).putLong(pack).array();
    }
}
