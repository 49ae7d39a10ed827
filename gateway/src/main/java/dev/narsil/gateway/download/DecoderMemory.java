package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/** The memory that decoders may take together; what one takes is told by the first bytes of its file. */
final class DecoderMemory {

    private static final Logger LOG = LoggerFactory.getLogger(DecoderMemory.class);

    /** Bytes at the start of a file that tell, at most: an xz stream header and its longest block header. */
    static final int HEADER_BYTES = 12 + 1024;

    private static final long MAX_WAIT_SECONDS = 60;

    /** What a decoder takes that has no window worth counting, in MiB. */
    private static final int SMALL_MIB = 1;

    /** The largest window of a brotli stream, 16 MiB, and as much again for what is decoded into it. */
    private static final int BROTLI_MIB = 32;

    private static final int LZIP_HEADER_BYTES = 6;

    /** The window of the levels that are in use. */
    private static final int ZSTD_USUAL_MIB = 8;

    /** The largest window that is decoded. */
    private static final int ZSTD_MAX_MIB = 128;

    private static final int ZSTD_HEADER_BYTES = 6;
    private static final int ZSTD_MAGIC = 0xfd2fb528;
    private static final int ZSTD_SINGLE_SEGMENT = 0x20;
    private static final int ZSTD_MIN_WINDOW_LOG = 10;

    private final int total;
    private final Semaphore mib;

    DecoderMemory(int mib) {
        this.total = mib;
        this.mib = new Semaphore(mib, true);
    }

    /**
     * Waits until there is memory for the decoder of a file.
     *
     * @param file the file at its start, where it is left
     * @return what to {@link #release}
     * @throws DownloadException BUSY if there is none for too long
     */
    int acquire(Compression compression, InputStream file) throws IOException, InterruptedException {
        int wanted = Math.min(total, mib(compression, file));
        if (!mib.tryAcquire(wanted, MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new DownloadException(DownloadException.Kind.BUSY, "no memory for another decoder");
        }
        return wanted;
    }

    void release(int acquired) {
        mib.release(acquired);
    }

    private static int mib(Compression compression, InputStream file) throws IOException {
        file.mark(HEADER_BYTES);
        byte[] header = file.readNBytes(HEADER_BYTES);
        file.reset();
        return switch (compression) {
            case NONE, GZIP, BZIP2, LZ4 -> SMALL_MIB;
            case XZ -> SMALL_MIB + refusedKib(new ByteArrayInputStream(header), in -> new XZInputStream(in, 0)) / 1024;
            case LZMA ->
                SMALL_MIB + refusedKib(new ByteArrayInputStream(header), in -> new LZMAInputStream(in, 0)) / 1024;
            case LZIP -> SMALL_MIB + lzipMib(header);
            case BR -> BROTLI_MIB;
            case ZSTD -> SMALL_MIB + zstdMib(header);
        };
    }

    private interface Decoder {
        InputStream of(InputStream file) throws IOException;
    }

    /** Starts decoding with no memory allowed, as the refusal tells what is needed. */
    private static int refusedKib(InputStream header, Decoder decoder) {
        try (InputStream probe = decoder.of(header)) {
            var _ = probe.read();
            return 0;
        } catch (MemoryLimitException e) {
            return e.getMemoryNeeded();
        } catch (IOException e) {
            LOG.debug("a header that cannot be read", e);
            return 0;
        }
    }

    /** Reads the dictionary size of the first member, rounded up to a power of two. */
    private static int lzipMib(byte[] header) {
        return header.length < LZIP_HEADER_BYTES
                ? 0
                : 1 << Math.clamp((header[LZIP_HEADER_BYTES - 1] & 0x1f) - 20, 0, 6);
    }

    /** Reads the window of the first frame (RFC 8878, 3.1.1.1). */
    private static int zstdMib(byte[] header) {
        ByteBuffer frame = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        if (header.length < ZSTD_HEADER_BYTES || frame.getInt() != ZSTD_MAGIC) {
            return ZSTD_USUAL_MIB;
        }
        if ((frame.get() & ZSTD_SINGLE_SEGMENT) != 0) {
            return ZSTD_USUAL_MIB;
        }
        int log = ZSTD_MIN_WINDOW_LOG + ((frame.get() & 0xff) >> 3);
        return (int) Math.min(ZSTD_MAX_MIB, 2L << Math.max(0, log - 20));
    }
}
