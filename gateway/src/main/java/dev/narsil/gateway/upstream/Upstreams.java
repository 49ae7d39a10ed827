package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.HttpConnections;
import dev.narsil.gateway.source.HttpLimits;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The binary caches that are asked for what is not stored. Safe for use by many threads. */
public final class Upstreams implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);

    /** Threads that read the store. */
    private static final int READERS = 4;

    /** Most tasks that wait for one of them; a search has one at a time. */
    private static final int MAX_TASKS = 8192;

    /** Connections to an upstream beyond those of searches: for probes, and for holders of a NAR. */
    private static final int MORE_CONNECTIONS = 32;

    /** Most NAR files of one upstream at a time. */
    private static final int NAR_CONNECTIONS = 64;

    /** Probe budgets in which a search is over: one to ask, one for the last answer to come, one to verify it. */
    private static final int MAX_SEARCH_BUDGETS = 3;

    private static final int MAX_REDIRECTIONS = 5;
    private static final Duration SWEEP_DELAY = Duration.ofMinutes(5);
    private static final Duration SWEEP_INTERVAL = Duration.ofHours(24);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final NarStore store;
    private final UpstreamLimits limits;
    private final @Nullable PathsInIpfs ipfs;
    private final ThreadPoolExecutor readers;
    private final ThreadPoolExecutor verifiers;
    private final ScheduledThreadPoolExecutor timer;
    private final HttpConnections narInfoConnections;
    private final HttpConnections narConnections;
    private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
    private final RemotePaths paths;
    private final SearchQueue queue;
    private final FetchAhead ahead;

    private Upstreams(
            NarStore store, List<UpstreamOptions> options, UpstreamLimits limits, @Nullable PathsInIpfs ipfs) {
        this.store = store;
        this.limits = limits;
        this.ipfs = ipfs;
        this.readers = threads(READERS, "upstream-store-");
        this.verifiers = threads(Runtime.getRuntime().availableProcessors(), "upstream-verify-");
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("upstream-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        this.narInfoConnections = HttpConnections.open(new HttpLimits(
                limits.connectTimeout(),
                limits.probeBudget(),
                limits.probeBudget(),
                limits.searches() + MORE_CONNECTIONS,
                MAX_REDIRECTIONS));
        this.narConnections = narInfoConnections.beside(new HttpLimits(
                limits.connectTimeout(),
                limits.firstByteTimeout(),
                limits.stallTimeout(),
                NAR_CONNECTIONS,
                MAX_REDIRECTIONS));
        this.paths = new RemotePaths(store, readers, limits.negativeTtl(), this::counts);
        this.queue = new SearchQueue(limits, this::search);
        this.ahead = new FetchAhead(queue::searchAhead);
        options.stream()
                .sorted(Comparator.comparingInt(UpstreamOptions::priority))
                .forEach(each -> upstreams.put(
                        each.url(),
                        new Upstream(
                                each,
                                limits,
                                store.storeDir(),
                                narInfoConnections,
                                narConnections,
                                verifiers,
                                ipfs != null,
                                timer,
                                ahead::references)));
    }

    private static ThreadPoolExecutor threads(int count, String name) {
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_TASKS),
                Thread.ofPlatform().name(name, 0).daemon().factory());
    }

    /**
     * Starts asking upstreams for what {@code store} does not have. Nothing is connected yet. The store must stay open
     * until this is closed. Those of the same priority are asked in the order given.
     *
     * @param options no two with the same URL
     */
    public static Upstreams start(NarStore store, List<UpstreamOptions> options, UpstreamLimits limits) {
        return start(store, options, limits, null);
    }

    /**
     * As {@link #start(NarStore, List, UpstreamLimits)}.
     *
     * @param ipfs who is asked when no upstream has a path, or none has said so in the time of a hedge; null if no NARs
     *     are fetched from IPFS
     */
    public static Upstreams start(
            NarStore store, List<UpstreamOptions> options, UpstreamLimits limits, @Nullable PathsInIpfs ipfs) {
        Upstreams started = new Upstreams(store, options, limits, ipfs);
        var _ = started.timer.scheduleWithFixedDelay(
                started::sweep, SWEEP_DELAY.toMinutes(), SWEEP_INTERVAL.toMinutes(), TimeUnit.MINUTES);
        return started;
    }

    /** Gets ready, in the background: connects to all upstreams, and loads what a search needs. */
    public void warmUp() {
        upstreams.values().forEach(Upstream::connect);
        try {
            verifiers.execute(new Rehearsal(store.storeDir()));
        } catch (RejectedExecutionException e) {
            LOG.debug("closing", e);
        }
    }

    /**
     * Returns the narinfo of a path that upstreams have and that a trusted key signed; empty if none has it, or none
     * has said so within the probe budget. Never blocks; the result never fails. Nothing is handed out while it is
     * known that its NAR cannot be had.
     */
    public CompletableFuture<Optional<NarInfo>> narInfo(Digest digest) {
        RemotePath known = paths.inMemory(digest);
        if (known != null && isFresh(known) && isExpected(known)) {
            ahead.references(known.narInfo());
            return CompletableFuture.completedFuture(Optional.of(known.narInfo()));
        }
        if (known == null && paths.isAbsent(digest)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<NarInfo>> result = new CompletableFuture<>();
        ScheduledFuture<?> deadline = schedule(() -> result.complete(inTime(digest)), limits.probeBudget());
        var _ = queue.search(digest).whenComplete((outcome, failure) -> {
            if (deadline != null) {
                deadline.cancel(false);
            }
            result.complete(
                    switch (outcome) {
                        case Outcome.Found(RemotePath path) -> Optional.of(path.narInfo());
                        case Outcome.Stored(PathInfo info) -> Optional.of(NarInfo.of(info));
                        case Outcome.Absent() -> Optional.empty();
                        case Outcome.Unknown() -> Optional.empty();
                        case null -> Optional.empty();
                    });
        });
        return result;
    }

    /** What there is to say when the budget is used up: what was known before, however old. */
    private Optional<NarInfo> inTime(Digest digest) {
        RemotePath known = paths.inMemory(digest);
        return known != null && isExpected(known) ? Optional.of(known.narInfo()) : Optional.empty();
    }

    private @Nullable ScheduledFuture<?> schedule(Runnable task, Duration delay) {
        try {
            return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // closing: a search ends at once
            return null;
        }
    }

    private boolean isFresh(RemotePath path) {
        return Instant.now().isBefore(path.fetched().plus(limits.positiveTtl()));
    }

    /** Tells whether the NAR of a path can be had from the upstream that has it, or from IPFS, as far as is known. */
    private boolean isExpected(RemotePath path) {
        Upstream upstream = upstreams.get(path.upstream());
        return (upstream != null && upstream.isClosed() && path.narInfo().hasFile())
                || (ipfs != null && path.isInIpfs());
    }

    /** Begins a search: in memory and in the store, then at the upstreams. */
    private CompletableFuture<Outcome> search(Digest digest, boolean aheadOfClients) {
        try {
            return CompletableFuture.supplyAsync(() -> local(digest, aheadOfClients), readers)
                    .thenCompose(local -> local.outcome() != null
                            ? CompletableFuture.completedFuture(local.outcome())
                            : remote(digest, local.known()))
                    .thenApply(outcome -> {
                        // those an upstream told of before it was verified, which may have been others
                        if (outcome instanceof Outcome.Found(RemotePath path)) {
                            ahead.paths(path.narInfo().pathInfo().references());
                        }
                        return outcome;
                    });
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(new Outcome.Unknown());
        }
    }

    /** What can be said without asking, and what is known but too old to be said. */
    private record Local(
            @Nullable Outcome outcome, @Nullable RemotePath known) {}

    private Local local(Digest digest, boolean aheadOfClients) {
        try {
            Optional<PathInfo> stored = aheadOfClients ? store.path(digest) : Optional.empty();
            if (stored.isPresent()) {
                return new Local(new Outcome.Stored(stored.get()), null);
            }
            RemotePath known = paths.find(digest);
            if (known == null) {
                return new Local(paths.isAbsent(digest) ? new Outcome.Absent() : null, null);
            }
            boolean expected =
                    isExpected(known) || store.hasNar(known.narInfo().pathInfo().narHash());
            if (expected && isFresh(known)) {
                return new Local(new Outcome.Found(known), known);
            }
            return new Local(null, expected ? known : null);
        } catch (IOException e) {
            LOG.warn("what is known of {} at upstreams cannot be read: {}", digest, e.getMessage());
            return new Local(null, null);
        }
    }

    /** Tells whether what was stored of a path counts: the upstream is one of ours, and its keys are trusted. */
    private boolean counts(RemotePath path) {
        if (path.upstream().equals(RemotePath.IPFS)) {
            return ipfs != null && ipfs.distrust(path.narInfo()) == null;
        }
        Upstream upstream = upstreams.get(path.upstream());
        return upstream != null && upstream.distrust(path.narInfo()) == null;
    }

    private CompletableFuture<Outcome> remote(Digest digest, @Nullable RemotePath known) {
        List<Upstream> closed = closed();
        boolean complete = closed.size() == upstreams.size();
        CompletableFuture<Outcome> search = new Search(
                        digest, closed, complete, timer, limits.probeBudget().toNanos())
                .start()
                .completeOnTimeout(
                        new Outcome.Unknown(),
                        limits.probeBudget().toMillis() * MAX_SEARCH_BUDGETS,
                        TimeUnit.MILLISECONDS);
        return (ipfs == null ? search : IpfsTurn.after(search, ipfs, store.storeDir(), digest, limits.maxHedge()))
                .thenApply(outcome -> {
                    switch (outcome) {
                        case Outcome.Found(RemotePath path) -> paths.remember(path);
                        case Outcome.Absent() -> paths.rememberAbsent(digest);
                        case Outcome.Stored(PathInfo info) -> {}
                        case Outcome.Unknown() -> {
                            return known == null ? outcome : new Outcome.Found(known);
                        }
                    }
                    return outcome;
                });
    }

    private List<Upstream> closed() {
        return upstreams.values().stream().filter(Upstream::isClosed).toList();
    }

    /**
     * Returns where the NAR with this hash is known to be, best first, without asking anybody; empty if it is not
     * known. Waits for the store.
     */
    public List<RemoteNar> knownHolders(Sha256 narHash) throws InterruptedException {
        RemotePath path = holding(narHash);
        Upstream upstream = path == null ? null : upstreams.get(path.upstream());
        return path == null || upstream == null || !path.narInfo().hasFile()
                ? List.of()
                : List.of(nar(upstream, path.narInfo()));
    }

    /** Returns what is known of a path with this NAR, without asking anybody. Waits for the store. */
    public Optional<NarInfo> known(Sha256 narHash) throws InterruptedException {
        return Optional.ofNullable(holding(narHash)).map(RemotePath::narInfo);
    }

    /**
     * Returns who has the NAR with this hash: who is known to have it, and who of all others says now that it has the same
     * path with the same NAR. Blocks: for their hedge where one that answers is known to have it, so that the others do not
     * delay it by more, else at most for the probe budget. Those who say so later come later.
     */
    public NarHolders holders(Sha256 narHash) throws InterruptedException {
        RemotePath path = holding(narHash);
        if (path == null) {
            return NarHolders.of(List.of());
        }
        PathInfo wanted = path.narInfo().pathInfo();
        Map<Upstream, CompletableFuture<Answer>> asked = new LinkedHashMap<>();
        List<RemoteNar> holders = new ArrayList<>();
        for (Upstream upstream : closed()) {
            if (upstream.url().equals(path.upstream())) {
                if (path.narInfo().hasFile()) {
                    holders.add(nar(upstream, path.narInfo()));
                }
            } else {
                asked.put(upstream, upstream.ask(wanted.path().digest(), false));
            }
        }
        awaitAll(asked.values(), isExpected(path) ? longestHedge(asked.keySet()) : limits.probeBudget());
        Map<Upstream, CompletableFuture<Answer>> late = new LinkedHashMap<>();
        asked.forEach((upstream, answer) -> {
            if (answer.isDone()) {
                holders.addAll(holding(wanted, upstream, answer));
            } else {
                late.put(upstream, answer);
            }
        });
        return new NarHolders(
                holders,
                CompletableFuture.allOf(late.values().toArray(CompletableFuture<?>[]::new))
                        .handle((_, _) -> late.entrySet().stream()
                                .flatMap(each -> holding(wanted, each.getKey(), each.getValue()).stream())
                                .toList()));
    }

    /** Returns the NAR that an upstream says it has, if it is the one that is wanted. */
    private List<RemoteNar> holding(PathInfo wanted, Upstream upstream, CompletableFuture<Answer> answer) {
        boolean same = !answer.isCompletedExceptionally()
                && answer.join() instanceof Answer.Found found
                && found.narInfo().hasFile()
                && found.narInfo().pathInfo().narHash().equals(wanted.narHash())
                && found.narInfo().pathInfo().narSize() == wanted.narSize();
        return same ? List.of(nar(upstream, ((Answer.Found) answer.join()).narInfo())) : List.of();
    }

    private static Duration longestHedge(Collection<Upstream> asked) {
        return Duration.ofNanos(
                asked.stream().mapToLong(Upstream::hedgeNanos).max().orElse(0));
    }

    private static void awaitAll(Collection<CompletableFuture<Answer>> answers, Duration time)
            throws InterruptedException {
        try {
            CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                    .get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all upstreams answered in time", e);
        }
    }

    private RemoteNar nar(Upstream upstream, NarInfo narInfo) {
        return new RemoteNar(upstream, narInfo, limits.stallTimeout());
    }

    /** Reads the store on a thread that may, whatever thread this is. */
    private @Nullable RemotePath holding(Sha256 narHash) throws InterruptedException {
        try {
            return CompletableFuture.supplyAsync(() -> read(narHash), readers)
                    .get()
                    .orElse(null);
        } catch (ExecutionException | RejectedExecutionException e) {
            LOG.warn("who has {} cannot be read: {}", narHash, e.getMessage());
            return null;
        }
    }

    private Optional<RemotePath> read(Sha256 narHash) {
        try {
            return Optional.ofNullable(paths.holding(narHash));
        } catch (IOException e) {
            LOG.warn("who has {} cannot be read: {}", narHash, e.getMessage());
            return Optional.empty();
        }
    }

    /** Has paths searched for again that nobody had; to be called when more are known to be in IPFS. */
    public void forgetAbsent() {
        paths.forgetAbsent();
    }

    /** Has narinfos fetched ahead in the background, and those of their references, as far as they are not known. */
    public void prefetch(Collection<StorePath> wanted) {
        ahead.paths(wanted);
    }

    /** Returns how many paths were not fetched ahead because too many were. */
    public long prefetchesDropped() {
        return ahead.dropped();
    }

    /** Returns how each upstream does, in the order they are asked. */
    public List<UpstreamState> states() {
        return upstreams.values().stream().map(Upstream::state).toList();
    }

    private void sweep() {
        try {
            readers.execute(() -> {
                try {
                    paths.sweep(Instant.now());
                } catch (IOException e) {
                    LOG.warn("old records of paths at upstreams are not dropped: {}", e.getMessage());
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("no thread for dropping old records", e);
        }
    }

    /** Ends what is under way, stores what became known, and gives connections back. */
    @Override
    public void close() {
        timer.shutdownNow();
        narConnections.close();
        narInfoConnections.close();
        verifiers.shutdown();
        readers.shutdown();
        try {
            end(verifiers);
            end(readers);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        paths.close();
    }

    private static void end(ThreadPoolExecutor threads) throws InterruptedException {
        if (!threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("look-ups for upstreams did not end in time");
            threads.shutdownNow();
        }
    }
}
