package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A set of ids that may take another for one of its own: a Bloom filter. Safe for use by many threads, where what was added
 * before is to be found only by those who synchronize with who added it.
 */
final class IdFilter {

    /** Most bytes a filter takes. Beyond some 50 million ids it takes more and more others for its own. */
    static final long MAX_BYTES = 64L << 20;

    /** Bits for each id expected: one other id in a hundred is taken for one of these. */
    private static final int BITS_AN_ID = 10;

    /** Fewest bits: an estimate of a few ids may be far off. */
    private static final long MIN_BITS = 1L << 16;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] words;
    private final long bits;
    private final int hashes;
    private final long seed;

    /**
     * An empty filter for about this many ids.
     *
     * @param seed decides which ids are taken for others, so that another seed spares others
     */
    IdFilter(long expected, long seed) {
        long wanted = Math.max(MIN_BITS, Math.clamp(expected, 0, MAX_BYTES) * BITS_AN_ID);
        this.bits = Math.min(wanted, MAX_BYTES * Byte.SIZE) / Long.SIZE * Long.SIZE;
        this.words = new long[(int) (bits / Long.SIZE)];
        this.hashes = Math.clamp(Math.round(Math.log(2) * bits / Math.max(1, expected)), 1, BITS_AN_ID);
        this.seed = seed;
    }

    void add(Sha256 id) {
        add(id.bytes(), 0);
    }

    /** Adds the id whose 32 bytes are at {@code off}. */
    void add(byte[] ids, int off) {
        long hash = first(ids, off);
        long step = step(ids, off);
        for (int i = 0; i < hashes; i++) {
            long bit = Math.unsignedMultiplyHigh(hash, bits);
            long mask = 1L << bit;
            int word = (int) (bit / Long.SIZE);
            if (((long) WORDS.getOpaque(words, word) & mask) == 0) {
                WORDS.getAndBitwiseOr(words, word, mask);
            }
            hash += step;
        }
    }

    boolean mayContain(Sha256 id) {
        return mayContain(id.bytes(), 0);
    }

    /** Tells whether the id whose 32 bytes are at {@code off} was added; may be wrong if it says yes. */
    boolean mayContain(byte[] ids, int off) {
        long hash = first(ids, off);
        long step = step(ids, off);
        for (int i = 0; i < hashes; i++) {
            long bit = Math.unsignedMultiplyHigh(hash, bits);
            if (((long) WORDS.getOpaque(words, (int) (bit / Long.SIZE)) & 1L << bit) == 0) {
                return false;
            }
            hash += step;
        }
        return true;
    }

    private long first(byte[] ids, int off) {
        return mix((long) LONG.get(ids, off) ^ seed);
    }

    private long step(byte[] ids, int off) {
        return mix((long) LONG.get(ids, off + Long.BYTES) + seed) | 1;
    }

    /** Spreads the seed over all bits: the finalizer of MurmurHash3. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}
