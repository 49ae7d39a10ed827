package dev.narsil.gateway.alias;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One member without a name or time, of stored blocks of deflate (RFC 1952, RFC 1951 3.2.4). */
final class GzipFraming implements Framing {

    private static final byte DEFLATE = 8;
    private static final byte UNKNOWN_SYSTEM = (byte) 0xff;
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, DEFLATE, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM};
    private static final int HEADER_BYTES = 5;

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
                .put((byte) (last ? 1 : 0))
                .putShort((short) size)
                .putShort((short) ~size)
                .array();
    }

    @Override
    public byte[] tail(long narSize, long chunks, int crc32) {
        return ByteBuffer.allocate(2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(crc32)
                .putInt((int) narSize)
                .array();
    }
}
