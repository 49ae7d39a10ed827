package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.Token;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.pinning.PinRequest.Id;
import dev.narsil.gateway.pinning.PinRequest.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service that keeps for others what they ask it to, as {@link dev.narsil.gateway.pinning} describes it. Safe for
 * use by many threads; methods return when what they did is durable, so they may block.
 */
public final class PinService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PinService.class);

    /** How often the daemon is asked where it is. */
    private static final Duration ADDRESSES_INTERVAL = Duration.ofMinutes(5);

    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    private final PinRequests requests;
    private final PinWorker worker;
    private final KuboClient kubo;
    private final Tokens tokens;
    private final PinServiceOptions options;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor upkeep = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("narsil-pins").daemon().factory());
    private volatile List<String> addresses = List.of();

    private PinService(NarStore store, KuboClient kubo, Tokens tokens, PinServiceOptions options, InstantSource clock)
            throws IOException {
        this.requests = PinRequests.load(store);
        this.worker = new PinWorker(store, requests, kubo, options);
        this.kubo = kubo;
        this.tokens = tokens;
        this.options = options;
        this.clock = clock;
    }

    /**
     * Starts one, which goes on with what was not finished.
     *
     * @param kubo which is to be closed after it
     * @param tokens who may have something kept; what a token had kept goes when that is revoked
     */
    public static PinService start(
            NarStore store, KuboClient kubo, Tokens tokens, PinServiceOptions options, InstantSource clock)
            throws IOException {
        PinService service = new PinService(store, kubo, tokens, options, clock);
        service.worker.resume();
        service.every(Duration.ZERO, ADDRESSES_INTERVAL, service::findAddresses);
        service.every(options.checks(), options.checks(), service::check);
        return service;
    }

    private void every(Duration delay, Duration interval, Runnable task) {
        var _ = upkeep.scheduleWithFixedDelay(task, delay.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Takes a request.
     *
     * @param owner id of the token it came with
     * @throws PinRefusedException if the token has no room left
     */
    public PinStatus add(String owner, Pin pin) throws IOException {
        return add(owner, pin, null);
    }

    private PinStatus add(String owner, Pin pin, @Nullable PinRequest replaced) throws IOException {
        List<PinRequest> own = requests.of(owner);
        long used = own.stream()
                .filter(request -> request.phase() == Phase.PINNED
                        && (replaced == null || !request.id().equals(replaced.id())))
                .mapToLong(PinRequest::bytes)
                .sum();
        if (used >= options.quota()) {
            throw new PinRefusedException("all of the " + options.quota() + " bytes of this token are used");
        }
        if (own.size() >= PinServiceOptions.MAX_REQUESTS_OF_TOKEN
                || requests.size() >= PinServiceOptions.MAX_REQUESTS) {
            throw new PinRefusedException("there are too many requests; remove some first");
        }
        PinRequest added = requests.add(owner, pin, replaced, clock.instant());
        worker.take(added.id(), Duration.ZERO);
        return added.status(addresses);
    }

    /**
     * Takes a request in the place of another, which is removed, and whose pin stays until the new one is settled.
     *
     * @return empty if there is none with that id
     * @throws PinRefusedException if the token has no room left
     */
    public Optional<PinStatus> replace(String owner, String requestId, Pin pin) throws IOException {
        Optional<PinRequest> replaced = own(owner, requestId);
        return replaced.isEmpty() ? Optional.empty() : Optional.of(add(owner, pin, replaced.get()));
    }

    /** Returns a request. */
    public Optional<PinStatus> find(String owner, String requestId) {
        return own(owner, requestId).map(request -> request.status(addresses));
    }

    /** Returns the requests that are wanted of those of an owner. */
    public PinResults list(String owner, PinQuery query) {
        List<String> now = addresses;
        return query.select(
                requests.of(owner).stream().map(request -> request.status(now)).toList());
    }

    /** Removes a request; its pin goes soon. Returns false if there is none. */
    public boolean remove(String owner, String requestId) throws IOException {
        Optional<PinRequest> found = own(owner, requestId);
        if (found.isEmpty()) {
            return false;
        }
        Id id = found.get().id();
        boolean removed = requests.change(id, now -> now.in(Phase.REMOVED, "")).isPresent();
        worker.take(id, Duration.ZERO);
        return removed;
    }

    private Optional<PinRequest> own(String owner, String requestId) {
        Id id = Id.parse(requestId);
        return id == null
                ? Optional.empty()
                : requests.find(id)
                        .filter(request -> request.owner().equals(owner) && request.phase() != Phase.REMOVED);
    }

    /** Number of requests in a state. */
    public long count(PinState state) {
        return requests.all().stream()
                .filter(request -> request.phase().name().equals(state.name()))
                .count();
    }

    /** Bytes of the blocks that are kept, of each request for itself. */
    public long bytes() {
        return requests.all().stream()
                .filter(request -> request.phase() == Phase.PINNED)
                .mapToLong(PinRequest::bytes)
                .sum();
    }

    private void findAddresses() {
        try {
            addresses = kubo.identity().addresses().stream()
                    .distinct()
                    .limit(Pin.MAX_ADDRESSES)
                    .toList();
        } catch (IOException e) {
            LOG.debug("the daemon does not say where it is: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the addresses of the daemon are nothing that is foreseen", e);
        }
    }

    private void check() {
        try {
            removeOrphans();
            worker.check();
        } catch (IOException e) {
            LOG.warn("what revoked tokens had kept cannot be removed now: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a check of the pins failed in a way that is not foreseen", e);
        }
    }

    private void removeOrphans() throws IOException {
        Set<String> owners = tokens.list().stream().map(Token::id).collect(Collectors.toSet());
        for (PinRequest request : List.copyOf(requests.all())) {
            if (request.phase() != Phase.REMOVED && !owners.contains(request.owner())) {
                var _ = requests.change(request.id(), now -> now.in(Phase.REMOVED, ""));
                worker.take(request.id(), Duration.ZERO);
            }
        }
    }

    /** Stops; what is not finished goes on at the next start. */
    @Override
    public void close() {
        upkeep.shutdownNow();
        worker.close();
        try {
            if (!upkeep.awaitTermination(CLOSE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("the upkeep of pins did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
