package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.kubo.KuboClient;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs rounds while a store is served. */
public final class ReplicaSchedule implements AutoCloseable {

    /** Time between two rounds; up to a quarter more is added at random. */
    public static final Duration INTERVAL = Duration.ofHours(6);

    /** How old a verification may be that a round does not repeat. */
    public static final Duration REVERIFY = Duration.ofHours(20);

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaSchedule.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);
    private static final int JITTER = 4;

    private final NarStore store;
    private final KuboClient kubo;
    private final Donors donors;
    private final InstantSource clock;
    private final Duration interval;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final LongAdder rounds = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Thread thread;
    private volatile @Nullable RoundSummary last;

    private ReplicaSchedule(NarStore store, KuboClient kubo, Donors donors, InstantSource clock, Duration interval) {
        this.store = store;
        this.kubo = kubo;
        this.donors = donors;
        this.clock = clock;
        this.interval = interval;
        this.thread = Thread.ofPlatform().daemon().name("narsil-replicas").unstarted(this::work);
    }

    /**
     * Starts one, whose first round comes after a part of {@code interval}.
     *
     * @param kubo which is to be closed after it
     * @param donors which are closed with it
     */
    public static ReplicaSchedule start(
            NarStore store, KuboClient kubo, Donors donors, InstantSource clock, Duration interval) {
        ReplicaSchedule schedule = new ReplicaSchedule(store, kubo, donors, clock, interval);
        schedule.thread.start();
        return schedule;
    }

    private void work() {
        try {
            last = new Wishes(store).summary();
        } catch (IOException e) {
            LOG.warn("what is known of replicas cannot be read: {}", e.getMessage());
        }
        try {
            long millis = Math.max(1, interval.toMillis());
            long pause = ThreadLocalRandom.current().nextLong(millis / JITTER + 1);
            while (!closed.await(pause, TimeUnit.MILLISECONDS)) {
                round();
                pause = millis + ThreadLocalRandom.current().nextLong(millis / JITTER + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void round() {
        try {
            RoundSummary summary = ReplicaRound.run(store, kubo, donors, REVERIFY, clock.instant(), this::step);
            last = summary;
            rounds.increment();
            LOG.info("replicas: {}", summary);
        } catch (InterruptedIOException e) {
            LOG.debug("a round was stopped", e);
        } catch (IOException e) {
            failed.increment();
            LOG.warn("no round of replicas: {}", e.getMessage());
        } catch (RuntimeException e) {
            failed.increment();
            LOG.error("a round of replicas failed in a way that is not foreseen", e);
        }
    }

    private void step() throws InterruptedIOException {
        if (closed.getCount() == 0) {
            throw new InterruptedIOException("stopped");
        }
    }

    /** What the last round found, also one of an earlier process; null while that is not known. */
    public @Nullable RoundSummary last() {
        return last;
    }

    /** Number of rounds that went through. */
    public long rounds() {
        return rounds.sum();
    }

    /** Number of rounds that could not be run to their end. */
    public long failed() {
        return failed.sum();
    }

    /** Stops a round at its next step, and runs no more. */
    @Override
    public void close() {
        closed.countDown();
        donors.close();
        try {
            thread.join(CLOSE_DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
