package dev.narsil.gateway.upload;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The memory that uploads being decoded and stored may take together.
 *
 * <p>An upload has memory either while its body arrives, or, where there is none to be had at once, after its body has arrived on the
 * disk. So no client is ever held up by others, which it takes for a dead server after 300 s (protocol 4.7). What arrives may be as
 * slow as a line; it takes half of the memory at most, and those that are on the disk, whose clients wait for the answer, go through
 * the rest as fast as they are decoded.
 */
final class UploadMemory {

    /** How long an upload that has arrived may wait; its client waits 300 s for an answer. */
    static final Duration MAX_WAIT = Duration.ofMinutes(4);

    private final int totalMib;
    private final UploadDisk disk;
    private final Semaphore free;

    /** What may be had by those whose bodies still arrive. */
    private final Semaphore arriving;

    private final AtomicInteger waiting = new AtomicInteger();

    UploadMemory(int mib, UploadDisk disk) {
        totalMib = mib;
        this.disk = disk;
        free = new Semaphore(mib, true);
        arriving = new Semaphore(mib / 2, true);
    }

    /** Memory that an upload holds until it closes this, and the body it has it for. */
    static final class Share implements AutoCloseable {

        private final InputStream body;
        private final @Nullable SpooledBody spooled;
        private final Runnable release;

        private Share(InputStream body, @Nullable SpooledBody spooled, Runnable release) {
            this.body = body;
            this.spooled = spooled;
            this.release = release;
        }

        /** The rest of the body: as it arrives, or from the disk. */
        InputStream body() {
            return body;
        }

        /** Whether the body is on the disk. */
        boolean isSpooled() {
            return spooled != null;
        }

        @Override
        public void close() throws IOException {
            try {
                if (spooled != null) {
                    spooled.close();
                }
            } finally {
                release.run();
            }
        }
    }

    /** Uploads that wait, or arrive on the disk meanwhile. */
    int waiting() {
        return waiting.get();
    }

    /** Those of them that are on the disk as a whole. */
    int inLine() {
        return free.getQueueLength();
    }

    /**
     * Returns {@code mib} at once, or once the body is on the disk; more than there are in all stand for all.
     *
     * @throws RefusedException if there are none in time, or the disk is full
     */
    Share whileItArrives(int mib, InputStream body) throws IOException {
        int share = Math.min(mib, totalMib);
        try {
            if (arriving.tryAcquire(share, 0, TimeUnit.SECONDS)) {
                if (free.tryAcquire(share, 0, TimeUnit.SECONDS)) {
                    return new Share(body, null, () -> {
                        free.release(share);
                        arriving.release(share);
                    });
                }
                arriving.release(share);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BodyLostException("the server closes");
        }
        return onceItIsHere(mib, body);
    }

    /**
     * As {@link #whileItArrives}, but receives the body first in any case. Counts no more than what slow lines leave, so that
     * none of them is waited for.
     */
    Share onceItIsHere(int mib, InputStream body) throws IOException {
        int share = Math.min(mib, totalMib - totalMib / 2);
        waiting.incrementAndGet();
        try {
            SpooledBody spooled = SpooledBody.receive(body, disk);
            boolean acquired = false;
            try {
                acquired = free.tryAcquire(share, MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS);
                if (acquired) {
                    return new Share(spooled.open(), spooled, () -> free.release(share));
                }
                throw new RefusedException(Verdict.notPossible("too many uploads at a time"));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BodyLostException("the server closes");
            } finally {
                if (!acquired) {
                    spooled.close();
                }
            }
        } finally {
            waiting.decrementAndGet();
        }
    }
}
