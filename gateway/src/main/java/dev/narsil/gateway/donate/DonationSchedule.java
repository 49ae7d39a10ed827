package dev.narsil.gateway.donate;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.sharing.StopSignal;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks of the donations of a store that is being served: at the start, when donations were changed, and at an
 * interval that is spread by a tenth. Works on one thread of its own.
 */
public final class DonationSchedule implements AutoCloseable {

    /** Longest time until the next check after one that failed, of all donations or of one. */
    private static final Duration RETRY = Duration.ofMinutes(5);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(DonationSchedule.class);

    private final Donations donations;
    private final NarStore store;
    private final PathSupply supply;
    private final KuboClient kubo;
    private final DonationPolicy policy;
    private final Duration interval;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final StopSignal stop = new StopSignal();
    private final Semaphore wakeUps = new Semaphore(0);
    private final ReentrantLock lock = new ReentrantLock();
    private final List<CompletableFuture<Void>> asked = new ArrayList<>();
    private final LongAdder checks = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Thread thread;

    private DonationSchedule(
            Donations donations,
            NarStore store,
            PathSupply supply,
            KuboClient kubo,
            DonationPolicy policy,
            Duration interval) {
        this.donations = donations;
        this.store = store;
        this.supply = supply;
        this.kubo = kubo;
        this.policy = policy;
        this.interval = interval;
        this.thread = Thread.ofPlatform().daemon().name("donations").unstarted(this::run);
    }

    /**
     * Starts checking donations. The store, the supply and the daemon must stay open until this is closed.
     *
     * @param interval time between two checks
     */
    public static DonationSchedule start(
            Donations donations,
            NarStore store,
            PathSupply supply,
            KuboClient kubo,
            DonationPolicy policy,
            Duration interval) {
        DonationSchedule schedule = new DonationSchedule(donations, store, supply, kubo, policy, interval);
        schedule.thread.start();
        return schedule;
    }

    /** Begins a check soon; the result completes when it has gone through, and fails as it does. */
    public CompletableFuture<Void> checkNow() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        lock.lock();
        try {
            if (stop.isStopped()) {
                result.completeExceptionally(new CancellationException("closing"));
            } else {
                asked.add(result);
            }
        } finally {
            lock.unlock();
        }
        wakeUps.release();
        return result;
    }

    /** Returns a sentence if the daemon may have more peers than a donation wants. Asks it, so it blocks. */
    public Optional<String> peersAdvice() throws IOException {
        return PeersAdvice.of(kubo, donations.list());
    }

    /** Has donations that were changed be checked soon. */
    public void wake() {
        wakeUps.release();
    }

    private void run() {
        try {
            while (!stop.isStopped()) {
                wakeUps.drainPermits();
                long wait = check() ? interval.toMillis() : Math.min(interval.toMillis(), RETRY.toMillis());
                var _ = wakeUps.tryAcquire(wait + random.nextLong(wait / 10 + 1), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            LOG.debug("no more donations are checked: {}", e.getMessage());
        }
    }

    /** Checks once; returns whether nothing failed. */
    private boolean check() throws InterruptedException {
        List<CompletableFuture<Void>> waiting = takeAsked();
        @Nullable Throwable failure = new CancellationException("closing");
        try {
            new DonationCheck(donations, store, supply, kubo, policy, InstantSource.system(), stop).run();
            failure = null;
            checks.increment();
        } catch (IOException e) {
            failure = e;
            failed.increment();
            LOG.warn("donations cannot be checked: {}", e.getMessage());
        } catch (RuntimeException e) {
            failure = e;
            LOG.error("donations cannot be checked, in a way that is not foreseen", e);
        } finally {
            settle(waiting, failure);
        }
        return failure == null
                && donations.list().stream().noneMatch(each -> each.state().result() == DonationState.Result.FAILED);
    }

    private List<CompletableFuture<Void>> takeAsked() {
        lock.lock();
        try {
            List<CompletableFuture<Void>> taken = List.copyOf(asked);
            asked.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private static void settle(List<CompletableFuture<Void>> waiting, @Nullable Throwable failure) {
        for (CompletableFuture<Void> each : waiting) {
            if (failure == null) {
                each.complete(null);
            } else {
                each.completeExceptionally(failure);
            }
        }
    }

    /** Registers what these came to, and how donations do. */
    public void register(Metrics metrics) {
        for (DonationState.Result result : DonationState.Result.values()) {
            metrics.gauge(
                    "narsil.donations",
                    "Donations by how their last check went",
                    () -> donations.list().stream()
                            .filter(each -> each.state().result() == result)
                            .count(),
                    "result",
                    result.toString());
        }
        metrics.gauge(
                "narsil.donated.paths",
                "Paths that the daemon keeps for donations, once for each",
                () -> sum(donations, DonationState.Kept::paths));
        metrics.gauge(
                "narsil.donated.nar.bytes", "Bytes of their NARs", () -> sum(donations, DonationState.Kept::bytes));
        metrics.counter("narsil.donation.checks", "Checks of all donations", checks::sum, "result", "done");
        metrics.counter("narsil.donation.checks", "Checks of all donations", failed::sum, "result", "failed");
    }

    private static double sum(Donations donations, ToLongFunction<DonationState.Kept> figure) {
        return donations.list().stream()
                .map(each -> each.state().kept())
                .mapToLong(figure)
                .sum();
    }

    /** Stops a check at its next path; afterwards nothing of this uses the store. */
    @Override
    public void close() {
        stop.stop();
        thread.interrupt();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                LOG.warn("a check of donations did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        settle(takeAsked(), new CancellationException("closing"));
    }
}
