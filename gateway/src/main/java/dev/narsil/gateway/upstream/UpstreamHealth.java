package dev.narsil.gateway.upstream;

import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How an upstream has done, and whether and how patiently it is to be asked. Safe for use by many threads. */
final class UpstreamHealth {

    /** Hedges in a row lost to another upstream after which the next one is asked almost at once. */
    static final int LOSSES_IN_A_ROW = 3;

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamHealth.class);

    private final UpstreamOptions options;
    private final UpstreamLimits limits;
    private final CircuitBreaker breaker;
    private final LatencyWindow latency = new LatencyWindow();
    private final AtomicInteger lossesInARow = new AtomicInteger();
    private final LongAdder asked = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder lies = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder hedged = new LongAdder();
    private final LongAdder narFailures = new LongAdder();
    private volatile @Nullable String lastError;

    /**
     * That of one that was not asked yet.
     *
     * @param opened hears, whenever the upstream is not asked any more, when to {@link #beginProbe}
     */
    UpstreamHealth(UpstreamOptions options, UpstreamLimits limits, Consumer<Duration> opened) {
        this.options = options;
        this.limits = limits;
        this.breaker = new CircuitBreaker(System::nanoTime, new SplittableRandom(), opened);
    }

    /** Whether it is to be asked. */
    boolean isClosed() {
        return breaker.isClosed();
    }

    /** Returns how long to wait for this one before the next is asked as well. */
    long hedgeNanos() {
        long p95 = latency.p95Nanos();
        long longest = limits.maxHedge().toNanos();
        if (lossesInARow.get() >= LOSSES_IN_A_ROW) {
            return limits.minHedge().toNanos();
        }
        return p95 < 0 ? longest : Math.clamp(p95, limits.minHedge().toNanos(), longest);
    }

    /** What last went wrong, or null. */
    @Nullable
    String lastError() {
        return lastError;
    }

    /**
     * Hears that it is asked for a narinfo.
     *
     * @param hedge whether this is because another upstream is slow
     */
    void asked(boolean hedge) {
        asked.increment();
        if (hedge) {
            hedged.increment();
        }
    }

    /** Hears that its answer is not wanted any more. */
    void cancelled() {
        cancelled.increment();
    }

    /** Hears that it answered, in that time, which says nothing of the answer yet. */
    void answered(long nanos) {
        latency.add(nanos);
        lossesInARow.set(0);
        breaker.succeeded();
    }

    /** Hears that another upstream, asked because this one was slow, was the first to answer. */
    void lost() {
        lossesInARow.incrementAndGet();
    }

    /** Counts a narinfo that counts. */
    void hit() {
        hits.increment();
    }

    /** Counts a path that it does not have. */
    void missed() {
        misses.increment();
    }

    /**
     * Counts that it did not answer.
     *
     * @param pause what it asked for, or zero
     */
    void failed(String reason, Duration pause) {
        failures.increment();
        lastError = reason;
        breaker.failed(pause);
    }

    /** Counts an answer that could not be judged, which is nobody's fault but ours. */
    void unjudged(String reason) {
        count(reason);
    }

    private void count(String reason) {
        failures.increment();
        lastError = reason;
    }

    /** Counts an answer that is of no use, of a server that is well. */
    void useless(String reason) {
        count(reason);
        LOG.warn("{}: {}", options.url(), reason);
    }

    /** Counts a narinfo that is not to be believed. */
    void lied(String reason) {
        lies.increment();
        lastError = reason;
        LOG.warn("{}: {}", options.url(), reason);
    }

    /** Hears that a NAR file came in full. */
    void narSucceeded() {
        breaker.succeeded();
    }

    /** Counts a NAR file that did not come, as the server did not answer. */
    void narFailed(String reason, Duration pause) {
        narBroke(reason);
        breaker.failed(pause);
    }

    /** Counts a NAR file that is not what the narinfo says, of a server that is well. */
    void narUseless(String reason) {
        narBroke(reason);
        breaker.succeeded();
    }

    /** Counts a NAR file of which only a part came, which says nothing of how the server is. */
    void narBroke(String reason) {
        narFailures.increment();
        lastError = reason;
    }

    /** Lets one probe through if it is time; false if it is not, or another is under way. */
    boolean beginProbe() {
        return breaker.halfOpen();
    }

    /** Hears what became of a probe; {@code failure} is null if it was answered. */
    void probed(@Nullable String failure) {
        if (failure != null) {
            lastError = failure;
        }
        breaker.probed(failure == null);
    }

    UpstreamState state() {
        long p95 = latency.p95Nanos();
        return new UpstreamState(
                options.url(),
                options.priority(),
                breaker.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                p95 < 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(p95),
                asked.sum(),
                hits.sum(),
                misses.sum(),
                failures.sum(),
                lies.sum(),
                cancelled.sum(),
                hedged.sum(),
                narFailures.sum(),
                lastError);
    }
}
