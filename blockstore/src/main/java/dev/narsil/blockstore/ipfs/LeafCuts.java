package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.rewrite.strip.HoleTable;
import java.io.IOException;

/** Where a block with holes is cut into leaves, by the rule of this package. */
final class LeafCuts {

    /** Stretches without holes that are at most this long go with the holes beside them. */
    static final int NEAR_BYTES = 128;

    /** Places longer than this are a leaf of their own, and no more in the node. */
    static final int DENSE_BYTES = 4 << 10;

    private static final int INLINE_BYTES = Cid.MAX_IDENTITY_BYTES;

    private final Sink sink;

    /** Receives the leaves of a block in order. Offsets are in the block. */
    interface Sink {
        /** Hears of a leaf that is a raw block without a digest. */
        void plain(int offset, int length) throws IOException;

        /** Hears of a leaf that is a raw block with digests. */
        void dense(int offset, int length) throws IOException;

        /** Hears of a leaf that is an identity CID. */
        void inline(int offset, int length) throws IOException;
    }

    LeafCuts(Sink sink) {
        this.sink = sink;
    }

    /**
     * Cuts the block of {@code length} bytes that begins at {@code start} in the NAR; holes that cross its edges
     * count in part.
     */
    void cut(HoleTable holes, long start, int length) throws IOException {
        long end = start + length;
        int at = 0;
        int place = 0;
        for (int i = holes.firstEndingAfter(start); i < holes.size() && holes.offset(i) < end; i++) {
            int from = (int) (Math.max(holes.offset(i), start) - start);
            if (from - at > NEAR_BYTES) {
                place(place, at);
                sink.plain(at, from - at);
                place = from;
            }
            at = (int) (Math.min(holes.offset(i) + HoleTable.HOLE_LENGTH, end) - start);
        }
        if (length - at > NEAR_BYTES) {
            place(place, at);
            sink.plain(at, length - at);
        } else {
            place(place, length);
        }
    }

    private void place(int from, int to) throws IOException {
        if (to - from > DENSE_BYTES) {
            sink.dense(from, to - from);
            return;
        }
        for (int at = from; at < to; at += INLINE_BYTES) {
            sink.inline(at, Math.min(INLINE_BYTES, to - at));
        }
    }
}
