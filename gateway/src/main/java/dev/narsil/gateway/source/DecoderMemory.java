package dev.narsil.gateway.source;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory that a decoder has for a file. Most of it is the window of bytes, or dictionary, that matches may lie in; the first bytes of
 * a file say how long that is. The decoder is held to it, so that later frames, streams or members cannot take more than was
 * set aside for the first.
 *
 * @param windowMib the longest window or dictionary that is decoded, in MiB, where the compression lets the file choose: a power of two
 */
public record DecoderMemory(Compression compression, int windowMib) {

    /** Bytes at the beginning of a file that are enough. */
    public static final int FIRST_BYTES = 64;

    /** What a file has at least, as other frames may want more than the first: the window of the levels in use. */
    public static final int USUAL_WINDOW_MIB = 8;

    /** The longest dictionary of xz, lzma and lzip: that of {@code xz -9}. */
    public static final int MAX_DICTIONARY_MIB = 64;

    /** The longest window of zstd: what the {@code zstd} tool takes without being asked. */
    public static final int MAX_ZSTD_WINDOW_MIB = 128;

    /** What a decoder takes besides its window. */
    private static final int BESIDES_MIB = 1;

    /** The longest window of brotli is 16 MiB. */
    private static final int BROTLI_MIB = 18;

    /** A block of bzip2 takes 900 KB, as bytes and as numbers; one of lz4 4 MiB. */
    private static final int BLOCK_MIB = 10;

    private static final int XZ_HEADER = 12;
    private static final int XZ_LZMA2 = 0x21;
    private static final int XZ_MAX_DICT_BITS = 40;
    private static final int ZSTD_SINGLE_SEGMENT = 0x20;
    private static final int ZSTD_SKIPPABLE = 0x184d2a50;
    private static final long UNKNOWN = -1;

    /** The memory for a file that begins with these bytes, of which {@link #FIRST_BYTES} are enough. */
    public static DecoderMemory of(Compression compression, byte[] first) {
        long window = switch (compression) {
            case XZ -> xzDictionary(first, first.length);
            case ZSTD -> zstdWindow(ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN));
            case LZMA -> first.length < 5 ? UNKNOWN : u32(first, 1);
            case LZIP -> first.length < 6 ? UNKNOWN : 1L << (first[5] & 0x1f);
            case NONE, GZIP, BZIP2, BR, LZ4 -> UNKNOWN;
        };
        int max = compression == Compression.ZSTD ? MAX_ZSTD_WINDOW_MIB : MAX_DICTIONARY_MIB;
        int mib = USUAL_WINDOW_MIB;
        while (mib < max && (long) mib << 20 < window) {
            mib *= 2;
        }
        return new DecoderMemory(compression, mib);
    }

    /** The memory for a file that is as usual. */
    public static DecoderMemory usual(Compression compression) {
        return new DecoderMemory(compression, USUAL_WINDOW_MIB);
    }

    /** All that the decoder takes, in MiB. */
    public int mib() {
        return switch (compression) {
            case NONE -> 0;
            case GZIP -> BESIDES_MIB;
            case XZ, ZSTD, LZMA, LZIP -> windowMib + BESIDES_MIB;
            case BR -> BROTLI_MIB;
            case LZ4, BZIP2 -> BLOCK_MIB;
        };
    }

    /** Returns what {@code in} holds compressed, as {@link Compression#decode}; what wants a longer window is an error. */
    @MustBeClosed
    public InputStream decode(InputStream in) throws IOException {
        return compression.decode(in, DecoderBounds.ofWindow(windowMib));
    }

    /** The dictionary of the first block: the xz file format, 3.1 and 5.3.1. */
    private static long xzDictionary(byte[] first, int length) {
        int pos = XZ_HEADER + 1;
        if (pos >= length) {
            return UNKNOWN;
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
                return bits >= XZ_MAX_DICT_BITS ? UNKNOWN : (2L | (bits & 1)) << (bits / 2 + 11);
            }
            pos += 2 + size;
        }
        return UNKNOWN;
    }

    private static int afterNumber(byte[] first, int length, int from) {
        int pos = from;
        while (pos < length && first[pos] < 0) {
            pos++;
        }
        return pos + 1;
    }

    /** The window of the first frame that is none to skip: RFC 8878, 3.1.1.1; a frame of one segment has one as long as its content. */
    private static long zstdWindow(ByteBuffer file) {
        try {
            while ((file.getInt() & ~0xf) == ZSTD_SKIPPABLE) {
                int length = file.getInt();
                file.position(Math.addExact(file.position(), length));
            }
            int descriptor = file.get();
            if ((descriptor & ZSTD_SINGLE_SEGMENT) == 0) {
                int window = file.get() & 0xff;
                long base = 1L << (10 + (window >> 3));
                return base + base / 8 * (window & 7);
            }
            int dictionaryIdBytes = (1 << (descriptor & 3)) >> 1;
            file.position(file.position() + dictionaryIdBytes);
            return switch ((descriptor & 0xff) >> 6) {
                case 0 -> file.get() & 0xff;
                case 1 -> (file.getShort() & 0xffff) + 256;
                case 2 -> Integer.toUnsignedLong(file.getInt());
                default -> file.getLong() & Long.MAX_VALUE;
            };
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
            return UNKNOWN;
        }
    }

    private static long u32(byte[] bytes, int off) {
        return (bytes[off] & 0xffL)
                | (bytes[off + 1] & 0xffL) << 8
                | (bytes[off + 2] & 0xffL) << 16
                | (bytes[off + 3] & 0xffL) << 24;
    }
}
