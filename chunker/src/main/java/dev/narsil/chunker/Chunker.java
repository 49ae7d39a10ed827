package dev.narsil.chunker;

import java.util.Objects;

/** The gear cut rule of this package, applied to bytes in memory. Immutable and safe for use by many threads. */
public final class Chunker {

    /** Name of the cut rule, stored beside the parameters. */
    public static final String RULE = "gear-1";

    /** Bytes before a position that decide whether it is a cut. */
    static final int WINDOW = 64;

    private static final long SEED = 0x4e617273696c2031L;
    private static final long[] GEAR = gearTable();

    private final ChunkerParameters parameters;
    private final int strictShift;
    private final int looseShift;

    public Chunker(ChunkerParameters parameters) {
        this.parameters = parameters;
        int bits = Integer.numberOfTrailingZeros(parameters.average());
        this.strictShift = Long.SIZE - (bits + 2);
        this.looseShift = Long.SIZE - (bits - 2);
    }

    /** The bounds this chunker was made with. */
    public ChunkerParameters parameters() {
        return parameters;
    }

    /**
     * Returns the length of the block that starts at {@code off}: more than 0 and at most {@code len} and
     * {@link ChunkerParameters#max()}.
     *
     * <p>The caller passes at least {@code max} bytes, or all that is left of the stream; otherwise the result is a cut
     * of the bytes given, not of the stream.
     *
     * @throws IndexOutOfBoundsException if the range does not lie in {@code data} or is empty
     */
    public int cut(byte[] data, int off, int len) {
        Objects.checkFromIndexSize(off, len, data.length);
        if (len == 0) {
            throw new IndexOutOfBoundsException("no bytes to cut: off=" + off + ", len=0");
        }
        int min = parameters.min();
        if (len <= min) {
            return len;
        }
        int strictEnd = off + Math.min(len, parameters.average());
        int looseEnd = off + Math.min(len, parameters.max());
        long[] gear = GEAR;
        int i = off + min - WINDOW;
        long hash = 0;
        for (int end = off + min; i < end; i++) {
            hash = (hash << 1) + gear[data[i] & 0xff];
        }
        for (int shift = strictShift; i < strictEnd; i++) {
            if (hash >>> shift == 0) {
                return i - off;
            }
            hash = (hash << 1) + gear[data[i] & 0xff];
        }
        for (int shift = looseShift; i < looseEnd; i++) {
            if (hash >>> shift == 0) {
                return i - off;
            }
            hash = (hash << 1) + gear[data[i] & 0xff];
        }
        return i - off;
    }

    private static long[] gearTable() {
        long[] table = new long[256];
        long state = SEED;
        for (int i = 0; i < table.length; i++) {
            state += 0x9e3779b97f4a7c15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            table[i] = z ^ (z >>> 31);
        }
        return table;
    }
}
