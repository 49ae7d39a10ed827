package dev.narsil.gateway.sharing;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says once and for all that work is to end. Safe for use by many threads. */
public final class StopSignal {

    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Has the work end. */
    public void stop() {
        stopped.countDown();
    }

    public boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Waits for some nanoseconds, or until the work is to end. */
    public void await(long nanos) throws InterruptedException {
        var _ = stopped.await(nanos, TimeUnit.NANOSECONDS);
    }
}
