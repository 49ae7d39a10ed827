package dev.narsil.gateway.upload;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that uploads being decoded and stored may take together. Those that find none left wait, first come first
 * served, and are not read meanwhile but for a trickle, so that their clients do not give up.
 */
final class UploadMemory implements AutoCloseable {

    /** How often a waiting upload takes a few bytes; clients give up after 300 s without any. */
    static final Duration TRICKLE_INTERVAL = Duration.ofSeconds(20);

    /** How long an upload may wait. */
    static final Duration MAX_WAIT = Duration.ofHours(1);

    private final int totalMib;
    private final Semaphore free;
    private final Set<BodyPipe> waiting = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService trickler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("upload-trickle").daemon().factory());

    /** Memory that an upload holds until it closes this. */
    interface Share extends AutoCloseable {
        @Override
        void close();
    }

    UploadMemory(int mib) {
        totalMib = mib;
        free = new Semaphore(mib, true);
        var _ = trickler.scheduleAtFixedRate(
                () -> waiting.forEach(BodyPipe::trickle),
                TRICKLE_INTERVAL.toMillis(),
                TRICKLE_INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Uploads that wait. */
    int waiting() {
        return free.getQueueLength();
    }

    /**
     * Waits until {@code mib} are free; more than there are in all stand for all.
     *
     * @throws RefusedException if they are not in time
     */
    Share acquire(int mib, BodyPipe body) throws RefusedException, BodyLostException {
        int share = Math.min(mib, totalMib);
        waiting.add(body);
        try {
            if (!free.tryAcquire(share, MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new RefusedException(Verdict.notPossible("too many uploads at a time"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BodyLostException("the server closes");
        } finally {
            waiting.remove(body);
        }
        return () -> free.release(share);
    }

    @Override
    public void close() {
        trickler.shutdownNow();
    }
}
