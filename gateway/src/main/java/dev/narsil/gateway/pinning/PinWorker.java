package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.DagTooLargeException;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.pinning.PinRequest.Phase;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what requests ask for, on a few threads: fetches and pins, and takes pins away. */
final class PinWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PinWorker.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    /** Most of the addresses of who has it that are connected to. */
    private static final int MAX_CONNECTED = 5;

    /** Time for a list of all pins. */
    private static final Duration PINS_TIME = Duration.ofMinutes(5);

    private final PinRequests requests;
    private final PublishedPaths published;
    private final KuboClient kubo;
    private final PinServiceOptions options;
    private final Map<PinRequest.Id, Integer> attempts = new ConcurrentHashMap<>();

    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(
            PinServiceOptions.THREADS,
            Thread.ofPlatform().name("narsil-pin-", 0).daemon().factory());

    PinWorker(NarStore store, PinRequests requests, KuboClient kubo, PinServiceOptions options) {
        this.requests = requests;
        this.published = new PublishedPaths(store);
        this.kubo = kubo;
        this.options = options;
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads.setRemoveOnCancelPolicy(true);
    }

    /** Takes up what was not finished when the process ended. */
    void resume() {
        Set<PinRequest.Id> waiting = new HashSet<>();
        for (PinRequest request : requests.all()) {
            if (request.phase() != Phase.REMOVED && request.replaced() != null) {
                waiting.add(request.replaced());
            }
        }
        for (PinRequest request : List.copyOf(requests.all())) {
            boolean unfinished = request.phase().isOpen()
                    || request.replaced() != null
                    || (request.phase() == Phase.REMOVED && !waiting.contains(request.id()));
            if (unfinished) {
                take(request.id(), Duration.ZERO);
            }
        }
    }

    /** Does what is to be done for a request, soon. */
    void take(PinRequest.Id id, Duration delay) {
        try {
            var _ = threads.schedule(() -> work(id), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} waits for the next start", id, e);
        }
    }

    private void work(PinRequest.Id id) {
        Optional<PinRequest> found = requests.find(id);
        if (found.isEmpty()) {
            return;
        }
        PinRequest request = found.get();
        try {
            if (request.phase() == Phase.REMOVED) {
                release(request);
            } else if (request.phase().isOpen()) {
                pin(request);
            } else {
                settle(request);
            }
        } catch (InterruptedIOException e) {
            LOG.debug("{} waits for the next start", id, e);
        } catch (KuboException e) {
            LOG.info("the daemon is not of use for {}: {}", id, e.getMessage());
            take(id, options.daemonRetry());
        } catch (IOException e) {
            LOG.error("{} cannot be dealt with now: {}", id, e.getMessage());
            take(id, options.daemonRetry());
        } catch (RuntimeException e) {
            LOG.error("{} failed in a way that is not foreseen", id, e);
        }
    }

    private void pin(PinRequest request) throws IOException {
        Optional<PinRequest> begun = begin(request);
        if (begun.isEmpty()) {
            return;
        }
        PinRequest current = begun.get();
        long left = options.quota() - used(current);
        Cid cid = current.pin().cid();
        try {
            if (left <= 0) {
                fail(current, "all of the " + options.quota() + " bytes of this token are used");
                return;
            }
            if (!current.foreign()) {
                connect(current.pin().origins());
                kubo.pin(cid, current.pin().name(), left, options.pinTime(), blocks -> requireWanted(current.id()));
            }
            counted(current, kubo.dagSize(cid, options.pinTime()));
        } catch (DagTooLargeException e) {
            fail(current, tooLarge(left));
        } catch (CancellationException e) {
            LOG.debug("{} is not wanted any more", current.id(), e);
        } catch (KuboException e) {
            if (isOfDaemon(e)) {
                var _ = requests.change(current.id(), now -> now.in(Phase.PINNING, "the daemon is not to be had"));
                throw e;
            }
            tryAgain(current, e);
        }
    }

    /** Keeps what is pinned if it fits, which others of the same token may have made it not to. */
    private void counted(PinRequest request, long bytes) throws IOException {
        RequestedPins.beginDeciding();
        try {
            long left = options.quota() - used(request);
            if (bytes > left) {
                fail(request, tooLarge(left));
            } else {
                LOG.info("pinned {} of {} bytes for token {}", request.pin().cid(), bytes, request.owner());
                finish(request, requests.change(request.id(), now -> now.pinned(bytes)));
            }
        } finally {
            RequestedPins.endDeciding();
        }
    }

    private static String tooLarge(long left) {
        return "it is larger than the " + left + " bytes that are left of the quota";
    }

    /** Decides whose the pin is, and says that it is being fetched; empty if nobody wants it any more. */
    private Optional<PinRequest> begin(PinRequest request) throws IOException {
        RequestedPins.beginDeciding();
        try {
            if (request.phase() == Phase.PINNING) {
                return requests.change(request.id(), now -> now);
            }
            Cid cid = request.pin().cid();
            List<PinRequest> others = requests.others(request.id(), cid).stream()
                    .filter(other -> other.phase() == Phase.PINNED
                            || other.phase() == Phase.PINNING
                            || other.phase() == Phase.REMOVED)
                    .toList();
            // the pin of a published path goes with the last who wants it, be that its publisher or a request
            boolean foreign = others.isEmpty()
                    ? kubo.isPinned(cid) && !published.isPublished(cid)
                    : others.stream().anyMatch(PinRequest::foreign);
            return requests.change(request.id(), now -> now.pinning(foreign));
        } finally {
            RequestedPins.endDeciding();
        }
    }

    /** Tells whether a failure says nothing of what was to be fetched. */
    private static boolean isOfDaemon(KuboException failure) {
        return switch (failure.kind()) {
            case UNREACHABLE, REFUSED, UNKNOWN_COMMAND, UNINTELLIGIBLE -> true;
            case LATE, ABSENT, FAILED, WRONG_BYTES -> false;
        };
    }

    private void tryAgain(PinRequest request, KuboException failure) throws IOException {
        int failures = attempts.merge(request.id(), 1, Integer::sum);
        LOG.info("{} could not be pinned, attempt {}: {}", request.pin().cid(), failures, failure.getMessage());
        if (failures >= PinServiceOptions.MAX_ATTEMPTS) {
            fail(request, "not all blocks could be had, tried " + failures + " times");
            return;
        }
        Duration pause = options.firstRetry();
        for (int i = 1; i < failures; i++) {
            pause = pause.multipliedBy(PinServiceOptions.RETRY_FACTOR);
        }
        String details = "not all blocks could be had; tried again in " + pause.toSeconds() + " s";
        if (requests.change(request.id(), now -> now.in(Phase.PINNING, details)).isPresent()) {
            take(request.id(), pause);
        }
    }

    /** Gives a request up; what was pinned for it alone is unpinned. */
    private void fail(PinRequest request, String reason) throws IOException {
        LOG.info("{} is not kept: {}", request.pin().cid(), reason);
        RequestedPins.beginDeciding();
        try {
            unpinUnlessWanted(request);
            finish(request, requests.change(request.id(), now -> now.in(Phase.FAILED, reason)));
        } finally {
            RequestedPins.endDeciding();
        }
    }

    private void finish(PinRequest request, Optional<PinRequest> finished) throws IOException {
        attempts.remove(request.id());
        if (finished.isPresent()) {
            settle(finished.get());
        }
    }

    /** Lets the request go that one which is finished has replaced. */
    private void settle(PinRequest request) throws IOException {
        PinRequest.Id replaced = request.replaced();
        if (replaced != null) {
            var _ = requests.change(request.id(), PinRequest::settled);
            take(replaced, Duration.ZERO);
        }
    }

    /** Takes the pin of a removed request away, and what it replaced. */
    private void release(PinRequest request) throws IOException {
        attempts.remove(request.id());
        RequestedPins.beginDeciding();
        try {
            unpinUnlessWanted(request);
            requests.forget(request.id());
        } finally {
            RequestedPins.endDeciding();
        }
        PinRequest.Id replaced = request.replaced();
        if (replaced != null) {
            take(replaced, Duration.ZERO);
        }
    }

    private void unpinUnlessWanted(PinRequest request) throws IOException {
        Cid cid = request.pin().cid();
        boolean wanted = request.foreign()
                || requests.others(request.id(), cid).stream().anyMatch(other -> RequestedPins.keeps(other.phase()))
                || published.isPublished(cid);
        if (!wanted) {
            var _ = kubo.unpin(cid);
        }
    }

    /** Returns the bytes that the owner of a request keeps by others. */
    private long used(PinRequest request) {
        return requests.of(request.owner()).stream()
                .filter(other -> other.phase() == Phase.PINNED && !other.id().equals(request.id()))
                .mapToLong(PinRequest::bytes)
                .sum();
    }

    private void requireWanted(PinRequest.Id id) {
        if (requests.find(id).filter(now -> now.phase() == Phase.PINNING).isEmpty()) {
            throw new CancellationException();
        }
    }

    private void connect(List<String> origins) throws IOException {
        for (String origin : origins.stream()
                .filter(address -> address.startsWith("/") && address.contains("/p2p/"))
                .limit(MAX_CONNECTED)
                .toList()) {
            try {
                kubo.network().connect(origin);
                return;
            } catch (KuboException e) {
                LOG.debug("no connection to an origin: {}", e.getMessage());
            }
        }
    }

    /** Has those fetched again that are pinned no longer, as by somebody at the daemon. */
    void check() {
        Set<PinRequest.Id> lost = new HashSet<>();
        Set<String> cids = new HashSet<>();
        try {
            List<PinRequest> before = List.copyOf(requests.all());
            kubo.pins(PINS_TIME, pin -> cids.add(pin.cid()));
            for (PinRequest request : before) {
                if (request.phase() == Phase.PINNED
                        && !cids.contains(request.pin().cid().toString())
                        && isLost(request)) {
                    lost.add(request.id());
                }
            }
        } catch (IOException e) {
            LOG.warn("whether everything is kept cannot be told: {}", e.getMessage());
        }
        lost.forEach(id -> take(id, Duration.ZERO));
    }

    /** Looks once more at one that was not on the list of pins, and notes if it is not kept. */
    private boolean isLost(PinRequest request) throws IOException {
        RequestedPins.beginDeciding();
        try {
            return !kubo.isPinned(request.pin().cid())
                    && requests.change(request.id(), now -> now.phase() == Phase.PINNED ? now.lost() : now)
                            .isPresent();
        } finally {
            RequestedPins.endDeciding();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("pinning did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
