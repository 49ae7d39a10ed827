package dev.narsil.gateway.download;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The header of a zstd frame (RFC 8878, 3.1.1.1). */
final class ZstdHeader {

    private static final int MAGIC = 0xfd2fb528;
    private static final int SKIPPABLE_MAGIC = 0x184d2a50;
    private static final int SKIPPABLE_MASK = 0xfffffff0;
    private static final int SINGLE_SEGMENT = 0x20;
    private static final int MIN_WINDOW_LOG = 10;
    private static final int[] DICTIONARY_ID_BYTES = {0, 1, 2, 4};

    private ZstdHeader() {}

    /**
     * Returns how many bytes the window of the first frame has, skippable ones not counted; 0 if {@code file} does not
     * tell.
     *
     * @param file the first bytes of a file
     */
    static long window(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int magic = in.getInt();
            while ((magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC) {
                long length = Integer.toUnsignedLong(in.getInt());
                if (length > in.remaining()) {
                    return 0;
                }
                in.position(in.position() + (int) length);
                magic = in.getInt();
            }
            return magic == MAGIC ? windowOfFrame(in) : 0;
        } catch (BufferUnderflowException e) {
            return 0;
        }
    }

    private static long windowOfFrame(ByteBuffer in) {
        int descriptor = in.get() & 0xff;
        if ((descriptor & SINGLE_SEGMENT) == 0) {
            int window = in.get() & 0xff;
            long base = 1L << (MIN_WINDOW_LOG + (window >> 3));
            return base + base / 8 * (window & 7);
        }
        in.position(Math.min(in.limit(), in.position() + DICTIONARY_ID_BYTES[descriptor & 3]));
        long size =
                switch (descriptor >> 6) {
                    case 0 -> in.get() & 0xff;
                    case 1 -> (in.getShort() & 0xffff) + 256;
                    case 2 -> Integer.toUnsignedLong(in.getInt());
                    default -> in.getLong();
                };
        return size < 0 ? Long.MAX_VALUE : size;
    }
}
