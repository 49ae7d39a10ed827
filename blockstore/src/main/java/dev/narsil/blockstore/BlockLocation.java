package dev.narsil.blockstore;

import dev.narsil.blockstore.codec.FormatException;
import java.nio.ByteBuffer;

/**
 * Where a block is kept.
 *
 * @param pack number of its pack
 * @param offset where it begins in the raw bytes of the pack
 * @param length its length in bytes
 */
public record BlockLocation(long pack, int offset, int length) {

    private static final int MAX_BYTES = 8 + 4 + 4;

    /** Returns the stored form, specified in {@link dev.narsil.blockstore}. */
    public byte[] encode() {
        int numberBytes = (Long.SIZE - Long.numberOfLeadingZeros(pack | 1) + 7) / 8;
        ByteBuffer buffer = ByteBuffer.allocate(numberBytes + 8);
        for (int i = numberBytes - 1; i >= 0; i--) {
            buffer.put((byte) (pack >>> (8 * i)));
        }
        return buffer.putInt(offset).putInt(length).array();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is of another length, holds negative numbers or the number of the pack is longer than need be
     */
    public static BlockLocation decode(byte[] bytes) throws FormatException {
        if (bytes.length < 1 + 8 || bytes.length > MAX_BYTES) {
            throw new FormatException("block location is corrupt: " + bytes.length + " bytes");
        }
        if (bytes.length > 1 + 8 && bytes[0] == 0) {
            throw new FormatException("block location is corrupt: the number of the pack is not in its shortest form");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long pack = 0;
        while (buffer.remaining() > 8) {
            pack = pack << 8 | (buffer.get() & 0xff);
        }
        BlockLocation location = new BlockLocation(pack, buffer.getInt(), buffer.getInt());
        if (pack < 0 || location.offset < 0 || location.length <= 0) {
            throw new FormatException("block location is corrupt: " + location);
        }
        return location;
    }
}
