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
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The binary caches that are asked for what is not stored. Safe for use by many threads. */
public final class Upstreams implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);

    /** Connections to an upstream beyond those of searches: for probes, and for holders of a NAR. */
    private static final int MORE_CONNECTIONS = 32;

    /** Most NAR files of one upstream at a time. */
    private static final int NAR_CONNECTIONS = 64;

    private static final int MAX_REDIRECTIONS = 5;
    private static final Duration SWEEP_DELAY = Duration.ofMinutes(5);
    private static final Duration SWEEP_INTERVAL = Duration.ofHours(24);

    private final NarStore store;
    private final UpstreamLimits limits;
    private final UpstreamThreads threads = new UpstreamThreads();
    private final HttpConnections narInfoConnections;
    private final HttpConnections narConnections;
    private final UpstreamSet upstreams;
    private final RemotePaths paths;
    private final SearchQueue queue;
    private final FetchAhead ahead;
    private final HolderSearch holders;

    private Upstreams(
            NarStore store, List<UpstreamOptions> options, UpstreamLimits limits, @Nullable PathsInIpfs ipfs) {
        this.store = store;
        this.limits = limits;
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
        this.ahead = new FetchAhead(this::searchAhead);
        this.upstreams = new UpstreamSet(options, each -> upstream(each, ipfs != null), ipfs);
        this.paths = new RemotePaths(store, threads.readers(), limits.negativeTtl(), upstreams::counts);
        this.queue =
                new SearchQueue(limits, new PathSearch(store, limits, upstreams, ipfs, paths, ahead, threads)::start);
        this.holders = new HolderSearch(limits, upstreams, paths, threads);
    }

    private Upstream upstream(UpstreamOptions options, boolean withIpfs) {
        return new Upstream(
                options,
                limits,
                store.storeDir(),
                narInfoConnections,
                narConnections,
                threads.verifiers(),
                withIpfs,
                threads.timer(),
                ahead::references);
    }

    private boolean searchAhead(Digest digest) {
        return queue.searchAhead(digest);
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
        var _ = started.threads
                .timer()
                .scheduleWithFixedDelay(
                        started::sweep, SWEEP_DELAY.toMinutes(), SWEEP_INTERVAL.toMinutes(), TimeUnit.MINUTES);
        return started;
    }

    /** Gets ready, in the background: connects to all upstreams, and loads what a search needs. */
    public void warmUp() {
        upstreams.all().forEach(Upstream::connect);
        try {
            threads.verifiers().execute(new Rehearsal(store.storeDir()));
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
        if (known != null && known.isFresh(limits.positiveTtl()) && upstreams.isExpected(known)) {
            ahead.references(known.narInfo());
            return CompletableFuture.completedFuture(Optional.of(known.narInfo()));
        }
        if (known == null && paths.isAbsent(digest)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<NarInfo>> result = new CompletableFuture<>();
        ScheduledFuture<?> deadline = threads.schedule(() -> result.complete(inTime(digest)), limits.probeBudget());
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
        return known != null && upstreams.isExpected(known) ? Optional.of(known.narInfo()) : Optional.empty();
    }

    /**
     * Returns where the NAR with this hash is known to be, best first, without asking anybody; empty if it is not
     * known. Waits for the store.
     */
    public List<RemoteNar> knownHolders(Sha256 narHash) throws InterruptedException {
        return holders.known(narHash);
    }

    /** Returns what is known of a path with this NAR, without asking anybody. Waits for the store. */
    public Optional<NarInfo> known(Sha256 narHash) throws InterruptedException {
        return holders.narInfo(narHash);
    }

    /**
     * Returns who has the NAR with this hash: who is known to have it, and who of all others says now that it has the same
     * path with the same NAR. Blocks: for their hedge where one that answers is known to have it, so that the others do not
     * delay it by more, else at most for the probe budget. Those who say so later come later.
     */
    public NarHolders holders(Sha256 narHash) throws InterruptedException {
        return holders.all(narHash);
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
        return upstreams.all().stream().map(Upstream::state).toList();
    }

    private void sweep() {
        try {
            threads.readers().execute(() -> {
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
        threads.stopTimer();
        narConnections.close();
        narInfoConnections.close();
        threads.close();
        paths.close();
    }
}
