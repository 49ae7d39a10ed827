package dev.narsil.gateway.alias;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One frame of raw blocks, which says its content size and has no checksum (RFC 8878). */
final class ZstdFraming implements Framing {

    private static final int MAGIC = 0xfd2fb528;

    /** A content size of eight bytes, and a window instead of a single segment. */
    private static final byte DESCRIPTOR = (byte) 0xc0;

    /** 128 KiB, so that a block may have as much. */
    private static final byte WINDOW = (17 - 10) << 3;

    private static final int HEADER_BYTES = 3;

    @Override
    public byte[] head(long narSize) {
        return ByteBuffer.allocate(14)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .put(DESCRIPTOR)
                .put(WINDOW)
                .putLong(narSize)
                .array();
    }

    @Override
    public int headerLength() {
        return HEADER_BYTES;
    }

    @Override
    public byte[] header(boolean first, boolean last, int size) {
        int header = size << 3 | (last ? 1 : 0);
        return new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)};
    }

    @Override
    public byte[] tail(long narSize, long chunks, int crc32) {
        return new byte[0];
    }
}
