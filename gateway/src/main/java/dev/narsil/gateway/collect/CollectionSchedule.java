package dev.narsil.gateway.collect;

import dev.narsil.blockstore.GarbageReport;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.alias.Aliases;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The garbage collections of a store that is being served. Once an hour it asks what costs little to know, whether a NAR has been
 * unclaimed for a day or uploads that were cut have left much behind; a collection, which reads all metadata, follows only then. What a
 * process that was killed has left cannot be known, so the first question is answered by a collection.
 */
public final class CollectionSchedule implements AutoCloseable {

    /** Time between two questions. */
    public static final Duration INTERVAL = Duration.ofHours(1);

    /** Bytes of blocks without a NAR that are worth a collection at once; fewer wait for {@link #PATIENCE}. */
    static final long MUCH_LEFT_BYTES = 64L << 20;

    /** The longest time that blocks without a NAR wait. */
    static final Duration PATIENCE = Duration.ofHours(24);

    private static final Logger LOG = LoggerFactory.getLogger(CollectionSchedule.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);
    private static final Duration WRITE_DEADLINE = Duration.ofMinutes(1);

    private final NarStore store;
    private final Aliases aliases;
    private final InstantSource clock;
    private final Duration interval;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private final LongAdder collections = new LongAdder();
    private Instant last = Instant.MIN;

    private CollectionSchedule(NarStore store, Aliases aliases, InstantSource clock, Duration interval) {
        this.store = store;
        this.aliases = aliases;
        this.clock = clock;
        this.interval = interval;
        this.thread = Thread.ofPlatform().daemon().name("narsil-gc").unstarted(this::run);
    }

    /** Starts collecting the garbage of {@code store}. */
    public static CollectionSchedule start(NarStore store, InstantSource clock) {
        return start(store, clock, INTERVAL);
    }

    static CollectionSchedule start(NarStore store, InstantSource clock, Duration interval) {
        CollectionSchedule schedule = new CollectionSchedule(store, new Aliases(store, clock), clock, interval);
        schedule.thread.start();
        return schedule;
    }

    /** Number of collections that went through. */
    public long collections() {
        return collections.sum();
    }

    private void run() {
        try {
            while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                collectIfDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void collectIfDue() throws InterruptedException {
        Instant now = clock.instant();
        try {
            if (isDue(now)) {
                removeAliases();
                GarbageReport report = store.collectGarbage(Unclaimed.olderThan(Unclaimed.MAX_AGE, now), this::step);
                last = now;
                collections.increment();
                LOG.info("garbage collected: {}", report);
            }
        } catch (CancellationException e) {
            LOG.debug("the garbage collection was stopped: {}", e.getMessage());
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.BUSY) {
                LOG.debug("no garbage collection now: {}", e.getMessage());
            } else {
                LOG.warn("garbage could not be collected: {}", e.getMessage());
            }
        } catch (IOException e) {
            LOG.warn("garbage could not be collected: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the garbage collection failed in a way that is not foreseen", e);
        }
    }

    private boolean isDue(Instant now) throws IOException {
        if (last.equals(Instant.MIN) || store.hasUnclaimedNar(now.minus(Unclaimed.MAX_AGE))) {
            return true;
        }
        long left = store.leftBytes();
        return left >= MUCH_LEFT_BYTES || (left > 0 && !now.isBefore(last.plus(PATIENCE)));
    }

    private void removeAliases() throws IOException, InterruptedException {
        CompletableFuture<Integer> removed = aliases.removeExpired();
        store.expedite();
        try {
            LOG.debug("{} aliases had expired", removed.get(WRITE_DEADLINE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreException(StoreException.Kind.FAILED, "expired aliases could not be removed: " + e, e);
        }
    }

    private void step(String phase, long done, long total) {
        if (closed.getCount() == 0) {
            throw new CancellationException("stopped while it looked at " + phase);
        }
    }

    /** Stops a collection at its next step, and collects no more. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(CLOSE_DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
