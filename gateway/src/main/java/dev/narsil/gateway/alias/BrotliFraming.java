package dev.narsil.gateway.alias;

/** A stream of uncompressed meta-blocks, and an empty last one (RFC 7932, 9.2). */
final class BrotliFraming implements Framing {

    private static final byte[] LAST_AND_EMPTY = {0b11};
    private static final int HEADER_BYTES = 3;

    /** Where the number of bytes is after the bits ISLAST and MNIBBLES, which are zero: not the last, four nibbles. */
    private static final int LENGTH_SHIFT = 3;

    private static final int UNCOMPRESSED = 1 << 19;

    @Override
    public byte[] head(long narSize) {
        return new byte[0];
    }

    @Override
    public int headerLength() {
        return HEADER_BYTES;
    }

    @Override
    public byte[] header(boolean first, boolean last, int size) {
        int block = (size - 1) << LENGTH_SHIFT | UNCOMPRESSED;
        // the stream begins with a zero bit: a window of 16 bits
        int header = first ? block << 1 : block;
        return new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)};
    }

    @Override
    public byte[] tail(long narSize, long chunks, int crc32) {
        return LAST_AND_EMPTY;
    }
}
