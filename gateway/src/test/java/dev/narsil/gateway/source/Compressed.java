package dev.narsil.gateway.source;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;

/** Compressed files as tests need them. */
public final class Compressed {

    private Compressed() {}

    /** Compresses into one stream, frame or member. */
    public static byte[] one(Compression compression, byte[] data, int off, int len) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = encoder(compression, bytes)) {
            out.write(data, off, len);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static byte[] one(Compression compression, byte[] data) {
        return one(compression, data, 0, data.length);
    }

    /** Compresses into several streams, frames or members, one after another. */
    public static byte[] several(Compression compression, byte[] data) {
        int third = data.length / 3;
        return concat(
                one(compression, data, 0, third),
                one(compression, data, third, 0),
                one(compression, data, third, data.length - third));
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static OutputStream encoder(Compression compression, OutputStream out) throws IOException {
        return switch (compression) {
            case NONE -> out;
            case XZ -> new XZOutputStream(out, new LZMA2Options(1));
            case ZSTD -> new ZstdOutputStreamNoFinalizer(out);
            case GZIP -> new GZIPOutputStream(out);
            case BZIP2 -> new BZip2CompressorOutputStream(out);
            case BR -> new StoredBrotli(out);
            case LZ4 -> new StoredLz4(out);
            case LZIP -> new Lzip(out);
            case LZMA -> new LZMAOutputStream(out, new LZMA2Options(1), -1);
        };
    }

    /** A brotli stream that compresses nothing, as no encoder in Java is to be had (RFC 7932, 9.2). */
    private static final class StoredBrotli extends FilterOutputStream {

        StoredBrotli(OutputStream out) throws IOException {
            super(out);
            // a window of 16 bits, then a block of metadata that holds nothing, up to the next byte
            out.write(0b0000_1100);
        }

        @Override
        public void write(byte[] data, int off, int len) throws IOException {
            for (int from = 0; from < len; from += 1 << 16) {
                int count = Math.min(len - from, 1 << 16);
                int bits = (count - 1) << 3 | 1 << 19;
                out.write(new byte[] {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16)});
                out.write(data, off + from, count);
            }
        }

        @Override
        public void close() throws IOException {
            out.write(0b11);
            super.close();
        }
    }

    /** An lz4 frame that compresses nothing, as the encoder of Commons Compress takes seconds for a MB. */
    private static final class StoredLz4 extends FilterOutputStream {

        StoredLz4(OutputStream out) throws IOException {
            super(out);
            // independent blocks of at most 64 KiB, no checksum but that of these flags
            out.write(new byte[] {4, 0x22, 0x4d, 0x18, 0x60, 0x40, (byte) 0x82});
        }

        @Override
        public void write(byte[] data, int off, int len) throws IOException {
            for (int from = 0; from < len; from += 1 << 16) {
                int count = Math.min(len - from, 1 << 16);
                out.write(new byte[] {(byte) count, (byte) (count >> 8), (byte) (count >> 16), (byte) 0x80});
                out.write(data, off + from, count);
            }
        }

        @Override
        public void close() throws IOException {
            out.write(new byte[4]);
            super.close();
        }
    }

    /** A member of an lzip file. */
    private static final class Lzip extends FilterOutputStream {

        private final OutputStream file;
        private final ByteArrayOutputStream compressed;
        private final CRC32 crc = new CRC32();
        private long size;

        Lzip(OutputStream file) throws IOException {
            this(file, new ByteArrayOutputStream());
        }

        private Lzip(OutputStream file, ByteArrayOutputStream compressed) throws IOException {
            super(new LZMAOutputStream(compressed, options(), true));
            this.file = file;
            this.compressed = compressed;
        }

        private static LZMA2Options options() throws IOException {
            LZMA2Options options = new LZMA2Options(1);
            options.setDictSize(1 << 20);
            return options;
        }

        @Override
        public void write(byte[] data, int off, int len) throws IOException {
            out.write(data, off, len);
            crc.update(data, off, len);
            size += len;
        }

        @Override
        public void close() throws IOException {
            out.close();
            file.write(new byte[] {'L', 'Z', 'I', 'P', 1, 20});
            compressed.writeTo(file);
            file.write(ByteBuffer.allocate(20)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) crc.getValue())
                    .putLong(size)
                    .putLong(6 + compressed.size() + 20)
                    .array());
        }
    }
}
