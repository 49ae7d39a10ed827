package dev.narsil.gateway.subscribe;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.subscribe.SubscriptionRun.Ended;
import dev.narsil.gateway.subscribe.SubscriptionState.Found;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the subscriptions of a store that is being served: those that users ask for, then those that are due, one at a
 * time, on one thread of its own.
 */
public final class SubscriptionSchedule implements AutoCloseable {

    /** Time between two looks for what is due. */
    static final Duration TICK = Duration.ofSeconds(20);

    /** Time after the first of some failures until the next run; doubled after each further one. */
    static final Duration FIRST_RETRY = Duration.ofMinutes(5);

    /** Most that is added to times at random, so that servers do not all ask at once; and a tenth of the time. */
    static final Duration MAX_JITTER = Duration.ofMinutes(30);

    private static final int MAX_DOUBLINGS = 12;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionSchedule.class);

    private final Subscriptions subscriptions;
    private final NarStore store;
    private final PathSupply supply;
    private final PathLists lists;
    private final InstantSource clock;
    private final ZoneId zone;
    private final RandomGenerator random;
    private final SubscriptionCounters counters = new SubscriptionCounters();
    private final Thread thread;
    private final Semaphore wakeUps = new Semaphore(0);
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, CompletableFuture<Subscription>> asked = new LinkedHashMap<>();
    private volatile boolean closed;
    private volatile @Nullable SubscriptionRun current;

    /**
     * One that has not begun.
     *
     * @param kubo finds what names of IPNS stand for; null for nobody
     * @param zone whose times of the day count
     * @param random spreads the times
     */
    SubscriptionSchedule(
            Subscriptions subscriptions,
            NarStore store,
            PathSupply supply,
            @Nullable KuboClient kubo,
            InstantSource clock,
            ZoneId zone,
            RandomGenerator random) {
        this.subscriptions = subscriptions;
        this.store = store;
        this.supply = supply;
        this.lists = new PathLists(store.storeDir(), new NamedFiles(kubo));
        this.clock = clock;
        this.zone = zone;
        this.random = random;
        this.thread = Thread.ofPlatform().daemon().name("subscriptions").unstarted(this::run);
    }

    /**
     * Starts running subscriptions. The store, the supply and the daemon must stay open until this is closed.
     *
     * @param kubo finds what names of IPNS stand for; null for nobody
     */
    public static SubscriptionSchedule start(
            Subscriptions subscriptions, NarStore store, PathSupply supply, @Nullable KuboClient kubo) {
        SubscriptionSchedule schedule = new SubscriptionSchedule(
                subscriptions,
                store,
                supply,
                kubo,
                InstantSource.system(),
                ZoneId.systemDefault(),
                RandomGenerator.getDefault());
        schedule.thread.start();
        return schedule;
    }

    /** Returns how far the run is that is in progress; empty if none is. */
    public Optional<SubscriptionProgress> progress() {
        SubscriptionRun run = current;
        return run == null ? Optional.empty() : Optional.of(run.progress());
    }

    /** What was done so far. */
    public SubscriptionCounters counters() {
        return counters;
    }

    /**
     * Runs a subscription as soon as no other one runs, whenever it is due and may run. The result is how it does then;
     * cancelling it does not end the run.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public CompletableFuture<Subscription> runNow(String name) {
        if (subscriptions.find(name).isEmpty()) {
            throw new IllegalArgumentException("there is no subscription '" + name + "'");
        }
        lock.lock();
        try {
            CompletableFuture<Subscription> result = asked.computeIfAbsent(name, _ -> new CompletableFuture<>());
            if (closed) {
                result.cancel(false);
            }
            wakeUps.release();
            return result.copy();
        } finally {
            lock.unlock();
        }
    }

    /** Has a subscription that was added run soon. */
    public void wake() {
        wakeUps.release();
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    runAll();
                } catch (IOException e) {
                    LOG.error("subscriptions cannot be run: {}", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("subscriptions cannot be run, in a way that is not foreseen", e);
                }
                var _ = wakeUps.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS);
                wakeUps.drainPermits();
            }
        } catch (InterruptedException e) {
            LOG.debug("no more subscriptions are run: {}", e.getMessage());
        }
    }

    /** Runs all that are asked for or due, one after the other. */
    void runAll() throws IOException, InterruptedException {
        while (!closed) {
            String name = nextAsked();
            Optional<Subscription> next = name == null ? due() : subscriptions.find(name);
            if (next.isEmpty() && name == null) {
                return;
            }
            try {
                if (next.isPresent()) {
                    run(next.get(), name != null);
                }
            } finally {
                if (name != null) {
                    answer(name);
                }
            }
        }
    }

    private @Nullable String nextAsked() {
        lock.lock();
        try {
            return asked.isEmpty() ? null : asked.keySet().iterator().next();
        } finally {
            lock.unlock();
        }
    }

    private void answer(String name) {
        CompletableFuture<Subscription> waiting;
        lock.lock();
        try {
            waiting = asked.remove(name);
        } finally {
            lock.unlock();
        }
        if (waiting != null) {
            subscriptions.find(name).ifPresentOrElse(waiting::complete, () -> waiting.cancel(false));
        }
    }

    private Optional<Subscription> due() {
        Instant now = clock.instant();
        return subscriptions.list().stream()
                .filter(each -> each.isDue(now, zone))
                .min(Comparator.comparing(each -> each.state().next()));
    }

    private void run(Subscription subscription, boolean asked) throws IOException, InterruptedException {
        Instant began = now();
        subscriptions.update(subscription, subscription.state().begun(began));
        SubscriptionRun run = new SubscriptionRun(
                subscription,
                store,
                supply,
                lists,
                () -> closed || isGone(subscription) || (!asked && !subscription.mayRun(clock.instant(), zone)));
        current = run;
        Ended ended;
        try {
            ended = run.run();
        } catch (RuntimeException e) {
            LOG.error("a run of subscription {} failed in a way that is not foreseen", subscription.name(), e);
            ended = new Ended(Result.FAILED, Found.NOTHING, "", "not foreseen: " + e);
        } finally {
            current = null;
        }
        counters.count(ended);
        LOG.info("subscription {} ran: {}, {} {}", subscription.name(), ended.result(), ended.found(), ended.error());
        subscriptions.update(subscription, state(subscription, ended, began));
    }

    /** Tells whether a subscription was removed, or replaced. */
    private boolean isGone(Subscription subscription) {
        return subscriptions
                .find(subscription.name())
                .filter(known -> known.terms().equals(subscription.terms()))
                .isEmpty();
    }

    private SubscriptionState state(Subscription of, Ended ended, Instant began) {
        Instant now = now();
        int failures = of.state().failures() + 1;
        Duration every = of.terms().every();
        Instant next = switch (ended.result()) {
            case COMPLETE, TOO_LARGE -> later(began, every);
            case STOPPED, NEVER, RUNNING -> now;
            case INCOMPLETE, FAILED -> {
                Duration retry = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
                yield later(now, retry.compareTo(every) < 0 ? retry : every);
            }
        };
        boolean well = ended.result() == Result.COMPLETE || ended.result() == Result.STOPPED;
        return new SubscriptionState(
                ended.result(), began, now, next, well ? 0 : failures, ended.found(), ended.validator(), ended.error());
    }

    private Instant later(Instant from, Duration time) {
        long jitter = Math.min(MAX_JITTER.toSeconds(), time.toSeconds() / 10);
        return from.plus(time).plusSeconds(random.nextLong(jitter + 1));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Stops what runs; the next start goes on with it. Afterwards nothing of this uses the store. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                LOG.warn("a subscription did not end in time");
            }
        } catch (IllegalThreadStateException e) {
            LOG.debug("never started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lock.lock();
        try {
            asked.values().forEach(each -> each.completeExceptionally(new CancellationException("closing")));
            asked.clear();
        } finally {
            lock.unlock();
        }
        lists.close();
    }
}
