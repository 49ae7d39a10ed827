package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.DecoderMemory;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The memory that all decoders take together. One upstream cannot take all of it where there are others. */
final class DecoderPool {

    private static final long MAX_WAIT_SECONDS = 60;

    /** The most that one upstream may take of the memory where there are others. */
    private static final double SHARE_OF_ONE = 0.75;

    /** What the decoder of a file takes, to be given back. */
    record Taken(String upstream, int mib, DecoderMemory memory) {}

    private final int most;
    private final Semaphore all;
    private final Map<String, Semaphore> shares = new ConcurrentHashMap<>();

    /**
     * Memory that nobody has yet.
     *
     * @param severalUpstreams whether something is to be left for others than the one that wants most
     */
    DecoderPool(int mib, boolean severalUpstreams) {
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
        file.mark(DecoderMemory.FIRST_BYTES);
        byte[] first = file.readNBytes(DecoderMemory.FIRST_BYTES);
        file.reset();
        DecoderMemory memory = DecoderMemory.of(compression, first);
        Taken taken = new Taken(upstream, Math.min(most, memory.mib()), memory);
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
}
