package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.DecoderBounds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/**
 * The memory that decoders may take together; what one takes is told by the first bytes of its file, and held to by its
 * decoder. One upstream cannot take all of it where there are others.
 */
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

    /** The most that one upstream may take of the memory where there are others. */
    private static final double SHARE_OF_ONE = 0.75;

    /** What the decoder of a file takes, to be given back, and what it is bound by. */
    record Taken(String upstream, int mib, DecoderBounds bounds) {}

    private final int most;
    private final Semaphore all;
    private final Map<String, Semaphore> shares = new ConcurrentHashMap<>();

    /**
     * Memory that nobody has yet.
     *
     * @param severalUpstreams whether something is to be left for others than the one that wants most
     */
    DecoderMemory(int mib, boolean severalUpstreams) {
        all = new Semaphore(mib, true);
        most = severalUpstreams ? Math.max(1, (int) (mib * SHARE_OF_ONE)) : mib;
    }

    /**
     * Waits until there is memory for the decoder of a file.
     *
     * @param file the file at its start, where it is left
     * @return what to {@link #release}
     * @throws DownloadException BUSY if there is none for too long
     */
    Taken acquire(String upstream, Compression compression, InputStream file) throws IOException, InterruptedException {
        file.mark(HEADER_BYTES);
        byte[] header = file.readNBytes(HEADER_BYTES);
        file.reset();
        DecoderBounds bounds = bounds(compression, header);
        Taken taken = new Taken(upstream, Math.min(most, mib(compression, bounds)), bounds);
        if (!tryAcquire(share(upstream), taken.mib())) {
            throw busy();
        }
        if (!tryAcquire(all, taken.mib())) {
            share(upstream).release(taken.mib());
            throw busy();
        }
        return taken;
    }

    private static boolean tryAcquire(Semaphore semaphore, int mib) throws InterruptedException {
        return semaphore.tryAcquire(mib, MAX_WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static DownloadException busy() {
        return new DownloadException(DownloadException.Kind.BUSY, "no memory for another decoder");
    }

    private Semaphore share(String upstream) {
        return shares.computeIfAbsent(upstream, name -> new Semaphore(most, true));
    }

    void release(Taken taken) {
        all.release(taken.mib());
        share(taken.upstream()).release(taken.mib());
    }

    /**
     * Returns what a file is decoded within: what its beginning wants, up to what any file may, and at least what usual
     * files want, as its beginning does not speak for what follows.
     */
    static DecoderBounds bounds(Compression compression, byte[] header) {
        return switch (compression) {
            case XZ -> lzma(refusedKib(header, in -> new XZInputStream(in, 0)));
            case LZMA -> lzma(refusedKib(header, in -> new LZMAInputStream(in, 0)));
            case LZIP -> new DecoderBounds(0, dictionary(header), 0);
            case ZSTD -> new DecoderBounds(0, 0, windowLog(header));
            case NONE, GZIP, BZIP2, LZ4, BR -> DecoderBounds.SMALL_FILE;
        };
    }

    private static int mib(Compression compression, DecoderBounds bounds) {
        return switch (compression) {
            case NONE, GZIP, BZIP2, LZ4 -> SMALL_MIB;
            case XZ, LZMA -> (bounds.lzmaKib() + 1023) / 1024;
            case LZIP -> SMALL_MIB + (bounds.lzipDictionary() >> 20);
            case BR -> BROTLI_MIB;
            case ZSTD -> SMALL_MIB + (1 << (bounds.zstdWindowLog() - 20));
        };
    }

    private static DecoderBounds lzma(int kib) {
        return new DecoderBounds(
                Math.clamp(kib, DecoderBounds.SMALL_FILE.lzmaKib(), DecoderBounds.NAR.lzmaKib()), 0, 0);
    }

    private interface Decoder {
        InputStream of(InputStream file) throws IOException;
    }

    /** Starts decoding with no memory allowed, as the refusal tells what is needed. */
    private static int refusedKib(byte[] header, Decoder decoder) {
        try (InputStream probe = decoder.of(new ByteArrayInputStream(header))) {
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
    private static int dictionary(byte[] header) {
        int wanted = header.length < LZIP_HEADER_BYTES ? 0 : 1 << Math.min(30, header[LZIP_HEADER_BYTES - 1] & 0x1f);
        return Math.clamp(wanted, DecoderBounds.SMALL_FILE.lzipDictionary(), DecoderBounds.NAR.lzipDictionary());
    }

    private static int windowLog(byte[] header) {
        long window = ZstdHeader.window(header);
        int log = window <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(window - 1);
        return Math.clamp(log, DecoderBounds.SMALL_FILE.zstdWindowLog(), DecoderBounds.NAR.zstdWindowLog());
    }
}
