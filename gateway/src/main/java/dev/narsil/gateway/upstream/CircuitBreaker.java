package dev.narsil.gateway.upstream;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps requests from an upstream that does not answer. It opens after {@value #FAILURES_IN_A_ROW} failures in a row,
 * when half of the last {@value #WINDOW} outcomes were failures, or when the upstream asks for a pause. After a delay
 * that doubles each time it half-opens by itself for one probe, which is not a client's request. Safe for use by many
 * threads.
 */
final class CircuitBreaker {

    /** Failures in a row that open it. */
    static final int FAILURES_IN_A_ROW = 5;

    /** Outcomes of which half open it if they are failures. */
    static final int WINDOW = 32;

    /** First delay before a probe. */
    static final Duration MIN_DELAY = Duration.ofSeconds(1);

    /** Longest delay before a probe. */
    static final Duration MAX_DELAY = Duration.ofSeconds(60);

    /** Whether requests are let through. */
    enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private final Consumer<Duration> opened;
    private State state = State.CLOSED;
    private int failuresInARow;
    private long outcomes;
    private int outcomeCount;
    private int openings;
    private long openUntil;

    /**
     * A closed one.
     *
     * @param opened hears, outside of any lock, how long it stays open whenever it opens, and calls {@link #halfOpen}
     *     then
     */
    CircuitBreaker(LongSupplier nanoClock, RandomGenerator random, Consumer<Duration> opened) {
        this.nanoClock = nanoClock;
        this.random = random;
        this.opened = opened;
    }

    synchronized State state() {
        return state;
    }

    boolean isClosed() {
        return state() == State.CLOSED;
    }

    /** Hears that a request was answered. */
    synchronized void succeeded() {
        if (state != State.CLOSED) {
            close();
        }
        failuresInARow = 0;
        openings = 0;
        remember(0);
    }

    /**
     * Hears that a request was not answered.
     *
     * @param pause what the upstream asked for, or zero
     */
    void failed(Duration pause) {
        Duration delay;
        synchronized (this) {
            if (state != State.CLOSED) {
                return;
            }
            failuresInARow++;
            remember(1);
            boolean halfFailed = outcomeCount == WINDOW && Long.bitCount(outcomes) * 2 >= WINDOW;
            if (failuresInARow < FAILURES_IN_A_ROW && !halfFailed && !pause.isPositive()) {
                return;
            }
            delay = open(pause);
        }
        opened.accept(delay);
    }

    /** Lets one probe through if the delay is over; false if it is not, or another probe is under way. */
    synchronized boolean halfOpen() {
        if (state != State.OPEN || nanoClock.getAsLong() - openUntil < 0) {
            return false;
        }
        state = State.HALF_OPEN;
        return true;
    }

    /** Hears what became of the probe that {@link #halfOpen} let through. */
    void probed(boolean answered) {
        Duration delay;
        synchronized (this) {
            if (state != State.HALF_OPEN) {
                return;
            }
            if (answered) {
                close();
                return;
            }
            delay = open(Duration.ZERO);
        }
        opened.accept(delay);
    }

    private void close() {
        state = State.CLOSED;
        failuresInARow = 0;
        outcomes = 0;
        outcomeCount = 0;
    }

    private Duration open(Duration pause) {
        long full = Math.min(MAX_DELAY.toNanos(), MIN_DELAY.toNanos() << Math.min(openings, 10));
        openings++;
        // up to a quarter less, so that many do not probe together
        long jittered = Math.max(full - random.nextLong(full / 4 + 1), MIN_DELAY.toNanos());
        long nanos = Math.max(jittered, Math.min(MAX_DELAY.toNanos(), pause.toNanos()));
        state = State.OPEN;
        openUntil = nanoClock.getAsLong() + nanos;
        return Duration.ofNanos(nanos);
    }

    private void remember(long failure) {
        outcomes = (outcomes << 1 | failure) & ((1L << WINDOW) - 1);
        outcomeCount = Math.min(WINDOW, outcomeCount + 1);
    }
}
