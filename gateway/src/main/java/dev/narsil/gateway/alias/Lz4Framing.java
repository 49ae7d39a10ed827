package dev.narsil.gateway.alias;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One frame of uncompressed blocks without checksums (LZ4 Frame Format 1.6). */
final class Lz4Framing implements Framing {

    /** The magic number, version 1 with independent blocks, blocks of at most 64 KiB, the check byte of these two. */
    private static final byte[] HEAD = {4, 0x22, 0x4d, 0x18, 0x60, 0x40, (byte) 0x82};

    private static final byte[] END = new byte[4];
    private static final int UNCOMPRESSED = 0x80000000;
    private static final int HEADER_BYTES = 4;

    @Override
    public byte[] head(long narSize) {
        return HEAD;
    }

    @Override
    public int headerLength() {
        return HEADER_BYTES;
    }

    @Override
    public byte[] header(boolean first, boolean last, int size) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(size | UNCOMPRESSED)
                .array();
    }

    @Override
    public byte[] tail(long narSize, long chunks, int crc32) {
        return END;
    }
}
