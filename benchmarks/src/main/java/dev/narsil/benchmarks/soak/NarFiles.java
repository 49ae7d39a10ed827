package dev.narsil.benchmarks.soak;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.narsil.gateway.source.Compression;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;

/** Compresses NARs as clients do: fast, and where a compression allows it at times in several streams or frames. */
final class NarFiles {

    private static final int LZIP_DICTIONARY_LOG = 20;
    private static final int BROTLI_BLOCK = 1 << 16;

    /** Only long matches: with the short ones that are the default, a MiB of noise takes this encoder seconds. */
    private static final FramedLZ4CompressorOutputStream.Parameters LZ4 =
            new FramedLZ4CompressorOutputStream.Parameters(
                    FramedLZ4CompressorOutputStream.BlockSize.K64,
                    true,
                    false,
                    false,
                    BlockLZ4CompressorOutputStream.createParameterBuilder()
                            .withMinBackReferenceLength(32)
                            .tunedForSpeed()
                            .build());

    private NarFiles() {}

    /** Compresses into one stream. */
    static byte[] compress(Compression compression, byte[] nar) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream(nar.length / 2 + 1024);
        write(compression, nar, 0, nar.length, file);
        return file.toByteArray();
    }

    /** Compresses into two streams, frames or members if there are such. */
    static byte[] compressInParts(Compression compression, byte[] nar) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream(nar.length / 2 + 1024);
        int first = switch (compression) {
            case NONE, BR, LZMA -> 0;
            default -> nar.length / 3;
        };
        if (first > 0) {
            write(compression, nar, 0, first, file);
        }
        write(compression, nar, first, nar.length - first, file);
        return file.toByteArray();
    }

    private static void write(Compression compression, byte[] nar, int off, int len, OutputStream file)
            throws IOException {
        switch (compression) {
            case BR -> storeBrotli(nar, off, len, file);
            case LZIP -> lzip(nar, off, len, file);
            default -> {
                try (OutputStream out = encoder(compression, file)) {
                    out.write(nar, off, len);
                }
            }
        }
    }

    private static OutputStream encoder(Compression compression, OutputStream file) throws IOException {
        return switch (compression) {
            case XZ -> new XZOutputStream(file, options());
            case ZSTD -> new ZstdOutputStreamNoFinalizer(file, 1);
            case GZIP -> new GZIPOutputStream(file);
            case BZIP2 -> new BZip2CompressorOutputStream(file, BZip2CompressorOutputStream.MIN_BLOCKSIZE);
            case LZ4 -> new FramedLZ4CompressorOutputStream(file, LZ4);
            case LZMA -> new LZMAOutputStream(file, options(), -1);
            default ->
                new FilterOutputStream(file) {
                    @Override
                    public void write(byte[] data, int off, int len) throws IOException {
                        out.write(data, off, len);
                    }
                };
        };
    }

    private static LZMA2Options options() throws IOException {
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(1 << LZIP_DICTIONARY_LOG);
        return options;
    }

    /** Writes a brotli stream of blocks that are not compressed (RFC 7932, 9.2): Java has no encoder. */
    private static void storeBrotli(byte[] nar, int off, int len, OutputStream file) throws IOException {
        // a window of 16 bits, then a block of metadata that holds nothing, up to the next byte
        file.write(0b0000_1100);
        for (int from = 0; from < len; from += BROTLI_BLOCK) {
            int count = Math.min(len - from, BROTLI_BLOCK);
            int bits = (count - 1) << 3 | 1 << 19;
            file.write(new byte[] {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16)});
            file.write(nar, off + from, count);
        }
        file.write(0b11);
    }

    private static void lzip(byte[] nar, int off, int len, OutputStream file) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(len / 2 + 1024);
        try (LZMAOutputStream out = new LZMAOutputStream(compressed, options(), true)) {
            out.write(nar, off, len);
        }
        CRC32 crc = new CRC32();
        crc.update(nar, off, len);
        byte[] head = {'L', 'Z', 'I', 'P', 1, LZIP_DICTIONARY_LOG};
        file.write(head);
        compressed.writeTo(file);
        ByteBuffer trailer = ByteBuffer.allocate(Integer.BYTES + 2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        trailer.putInt((int) crc.getValue())
                .putLong(len)
                .putLong((long) head.length + compressed.size() + trailer.capacity());
        file.write(trailer.array());
    }
}
