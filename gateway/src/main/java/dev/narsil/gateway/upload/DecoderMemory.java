package dev.narsil.gateway.upload;

import dev.narsil.gateway.source.Compression;

/**
 * What decoding a file, and measuring the one that takes its place, takes of memory, from its first bytes: most of it is the window of bytes that matches may lie in, and a file
 * says how long that is. What cannot be told counts as {@link #USUAL_MIB}.
 */
final class DecoderMemory {

    /** Bytes at the beginning of a file that are enough. */
    static final int FIRST_BYTES = 64;

    /** What is assumed of a file that does not say. */
    static final int USUAL_MIB = 10;

    /** What a decoder takes besides its window. */
    private static final int BESIDES_MIB = 1;

    /** The longest window of brotli is 16 MiB. */
    private static final int BROTLI_MIB = 18;

    /** What measuring the file that is served takes where it must be encoded. */
    private static final int ENCODER_MIB = 6;

    private static final int XZ_HEADER = 12;
    private static final int XZ_LZMA2 = 0x21;
    private static final int XZ_MAX_DICT_BITS = 40;
    private static final int ZSTD_WINDOW_DESCRIPTOR = 5;
    private static final int MIB = 1 << 20;

    private DecoderMemory() {}

    /**
     * Returns mebibytes, rounded up.
     *
     * @param first the beginning of the file, of which the first {@code length} bytes count
     */
    static int mib(Compression compression, byte[] first, int length) {
        return switch (compression) {
            case NONE -> 0;
            case GZIP -> BESIDES_MIB;
            case XZ -> of(xzDictionary(first, length));
            case ZSTD -> of(zstdWindow(first, length));
            case LZMA -> ENCODER_MIB + of(length < 5 ? -1 : u32(first, 1));
            case LZIP -> ENCODER_MIB + of(length < 6 ? -1 : 1L << (first[5] & 0x1f));
            case BR -> BROTLI_MIB;
            case LZ4 -> USUAL_MIB;
            case BZIP2 -> ENCODER_MIB + USUAL_MIB;
        };
    }

    private static int of(long window) {
        return window < 0 ? USUAL_MIB : (int) Math.min(Integer.MAX_VALUE, (window + MIB - 1) / MIB + BESIDES_MIB);
    }

    /** The dictionary of the first block: the xz file format, 3.1 and 5.3.1. */
    private static long xzDictionary(byte[] first, int length) {
        int pos = XZ_HEADER + 1;
        if (pos >= length) {
            return -1;
        }
        int flags = first[pos++];
        for (int bit = 0x40; bit <= 0x80; bit <<= 1) {
            if ((flags & bit) != 0) {
                pos = afterNumber(first, length, pos);
            }
        }
        for (int filter = 0; filter <= (flags & 3) && pos + 2 < length; filter++) {
            int id = first[pos] & 0xff;
            int size = first[pos + 1] & 0x7f;
            if (id == XZ_LZMA2) {
                int bits = first[pos + 2] & 0x3f;
                return bits >= XZ_MAX_DICT_BITS ? -1 : (2L | (bits & 1)) << (bits / 2 + 11);
            }
            pos += 2 + size;
        }
        return -1;
    }

    private static int afterNumber(byte[] first, int length, int from) {
        int pos = from;
        while (pos < length && first[pos] < 0) {
            pos++;
        }
        return pos + 1;
    }

    /** The window of the first frame: RFC 8878, 3.1.1.1.2; a frame of one segment has a window as long as its content. */
    private static long zstdWindow(byte[] first, int length) {
        if (length <= ZSTD_WINDOW_DESCRIPTOR || first[0] != 0x28) {
            return -1;
        }
        boolean oneSegment = (first[4] & 0x20) != 0;
        if (oneSegment) {
            return -1;
        }
        int descriptor = first[ZSTD_WINDOW_DESCRIPTOR] & 0xff;
        long base = 1L << (10 + (descriptor >> 3));
        return base + base / 8 * (descriptor & 7);
    }

    private static long u32(byte[] bytes, int off) {
        return (bytes[off] & 0xffL)
                | (bytes[off + 1] & 0xffL) << 8
                | (bytes[off + 2] & 0xffL) << 16
                | (bytes[off + 3] & 0xffL) << 24;
    }
}
