package dev.narsil.gateway.upstream;

import dev.narsil.rewrite.path.Digest;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The searches that run and those that wait: at most one for a path, however many want it; those that clients wait
 * for before those ahead of them. Safe for use by many threads; never blocks.
 */
final class SearchQueue {

    private final int most;
    private final int mostAhead;
    private final BiFunction<Digest, Boolean, CompletableFuture<Outcome>> search;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Digest, Flight> flights = new HashMap<>();
    private final Queue<Flight> waiting = new ArrayDeque<>();
    private final SequencedSet<Flight> waitingAhead = new LinkedHashSet<>();
    private final AtomicInteger pumps = new AtomicInteger();
    private int running;
    private int runningAhead;

    /** One search, which waits or runs. */
    private static final class Flight {
        private final Digest digest;
        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        private boolean ahead;

        private Flight(Digest digest, boolean ahead) {
            this.digest = digest;
            this.ahead = ahead;
        }
    }

    /**
     * An empty one.
     *
     * @param search begins a search without blocking, told whether it is ahead of clients; its result never fails
     */
    SearchQueue(UpstreamLimits limits, BiFunction<Digest, Boolean, CompletableFuture<Outcome>> search) {
        this.most = limits.searches();
        this.mostAhead = limits.searchesAhead();
        this.search = search;
    }

    /**
     * Returns the result of the search for a path, for a client; unknown if too many wait. One that began before the
     * client asked may have had its time with an upstream that was slow or broken then, so there is another if it finds
     * nothing out.
     */
    CompletableFuture<Outcome> search(Digest digest) {
        return search(digest, true);
    }

    private CompletableFuture<Outcome> search(Digest digest, boolean again) {
        Flight flight;
        boolean joined = false;
        lock.lock();
        try {
            flight = flights.get(digest);
            if (flight == null) {
                if (waiting.size() >= UpstreamLimits.MAX_WAITING) {
                    return CompletableFuture.completedFuture(new Outcome.Unknown());
                }
                flight = new Flight(digest, false);
                flights.put(digest, flight);
                waiting.add(flight);
            } else if (waitingAhead.remove(flight)) {
                flight.ahead = false;
                waiting.add(flight);
            } else {
                joined = true;
            }
        } finally {
            lock.unlock();
        }
        pump();
        return joined && again
                ? flight.outcome.thenCompose(outcome -> outcome instanceof Outcome.Unknown
                        ? search(digest, false)
                        : CompletableFuture.completedFuture(outcome))
                : flight.outcome;
    }

    /** Has a path searched for ahead of clients; returns false if too many wait. */
    boolean searchAhead(Digest digest) {
        lock.lock();
        try {
            if (flights.containsKey(digest)) {
                return true;
            }
            if (mostAhead == 0 || waitingAhead.size() >= UpstreamLimits.MAX_WAITING_AHEAD) {
                return false;
            }
            Flight flight = new Flight(digest, true);
            flights.put(digest, flight);
            waitingAhead.add(flight);
        } finally {
            lock.unlock();
        }
        pump();
        return true;
    }

    /** Begins what may run. Only one thread at a time does, and one that is called meanwhile leaves it to that one. */
    private void pump() {
        if (pumps.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Flight flight = take(); flight != null; flight = take()) {
                begin(flight);
            }
            seen = pumps.addAndGet(-seen);
        } while (seen != 0);
    }

    private @Nullable Flight take() {
        lock.lock();
        try {
            if (running == most) {
                return null;
            }
            Flight flight = waiting.poll();
            if (flight == null && runningAhead < mostAhead && !waitingAhead.isEmpty()) {
                flight = waitingAhead.removeFirst();
                runningAhead++;
            }
            if (flight != null) {
                running++;
            }
            return flight;
        } finally {
            lock.unlock();
        }
    }

    private void begin(Flight flight) {
        boolean ahead = flight.ahead;
        var _ = search.apply(flight.digest, ahead).whenComplete((outcome, failure) -> {
            lock.lock();
            try {
                flights.remove(flight.digest);
                running--;
                if (ahead) {
                    runningAhead--;
                }
            } finally {
                lock.unlock();
            }
            flight.outcome.complete(failure == null ? outcome : new Outcome.Unknown());
            pump();
        });
    }
}
