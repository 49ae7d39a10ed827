package dev.narsil.gateway.ipfs.index;

import dev.narsil.gateway.kubo.KuboClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches what has changed of the indexes that are followed, once in a while, on a thread of its own. */
public final class RefreshSchedule implements AutoCloseable {

    /** Time between two rounds, of which a tenth more or less is left to chance. */
    public static final Duration INTERVAL = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(RefreshSchedule.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** Of the interval, the longest until the first round. */
    private static final int FIRST_PART = 60;

    private final FollowedIndexes subscriptions;
    private final @Nullable KuboClient kubo;
    private final RefreshMeters meters;
    private final Runnable changed;
    private final Duration interval;
    private final RandomGenerator random;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private RefreshSchedule(
            FollowedIndexes subscriptions,
            @Nullable KuboClient kubo,
            RefreshMeters meters,
            Runnable changed,
            Duration interval,
            RandomGenerator random) {
        this.subscriptions = subscriptions;
        this.kubo = kubo;
        this.meters = meters;
        this.changed = changed;
        this.interval = interval;
        this.random = random;
        this.thread = Thread.ofPlatform().daemon().name("ipfs-index").unstarted(this::run);
    }

    /**
     * Starts with a first round soon.
     *
     * @param kubo resolves names and gets blocks; null if there is no daemon, so that only URLs are followed
     * @param meters count what comes of it
     * @param changed hears after a round that something has changed
     */
    public static RefreshSchedule start(
            FollowedIndexes subscriptions,
            @Nullable KuboClient kubo,
            RefreshMeters meters,
            Runnable changed,
            Duration interval,
            RandomGenerator random) {
        RefreshSchedule schedule = new RefreshSchedule(subscriptions, kubo, meters, changed, interval, random);
        schedule.thread.start();
        return schedule;
    }

    /** How it went. */
    public RefreshMeters meters() {
        return meters;
    }

    private void run() {
        try {
            showAll();
            long wait = random.nextLong(interval.toMillis() / FIRST_PART + 1);
            while (!closed.await(wait, TimeUnit.MILLISECONDS)) {
                round();
                long tenth = interval.toMillis() / 10;
                wait = interval.toMillis() - tenth + random.nextLong(2 * tenth + 1);
            }
        } catch (InterruptedException e) {
            LOG.debug("no more indexes are fetched", e);
        }
    }

    /** Has those registered that are followed already, so that their age is told before they are asked for. */
    private void showAll() {
        try {
            subscriptions.byNumber().keySet().forEach(meters::follows);
        } catch (IOException e) {
            LOG.warn("the indexes that are followed cannot be read: {}", e.getMessage());
        }
    }

    private void round() throws InterruptedException {
        try {
            if (subscriptions.refreshAll(kubo, meters::asked) > 0) {
                changed.run();
            }
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("closed");
            }
            LOG.warn("indexes are not fetched: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("indexes are not fetched, in a way that is not foreseen", e);
        }
    }

    /** Gives up what is under way; afterwards nothing of this uses the store. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                LOG.warn("fetching of indexes did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
