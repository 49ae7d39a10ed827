package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for a path: in memory and in the store, then at the upstreams, and in IPFS if none of them has it. What it
 * finds out is remembered. Safe for use by many threads; never blocks.
 */
final class PathSearch {

    private static final Logger LOG = LoggerFactory.getLogger(PathSearch.class);

    /** Probe budgets in which a search is over: one to ask, one for the last answer to come, one to verify it. */
    private static final int MAX_SEARCH_BUDGETS = 3;

    private final NarStore store;
    private final UpstreamLimits limits;
    private final UpstreamSet upstreams;
    private final @Nullable PathsInIpfs ipfs;
    private final RemotePaths paths;
    private final FetchAhead ahead;
    private final UpstreamThreads threads;

    /** Searches at {@code upstreams} for what {@code paths} does not know, and in {@code ipfs} unless it is null. */
    PathSearch(
            NarStore store,
            UpstreamLimits limits,
            UpstreamSet upstreams,
            @Nullable PathsInIpfs ipfs,
            RemotePaths paths,
            FetchAhead ahead,
            UpstreamThreads threads) {
        this.store = store;
        this.limits = limits;
        this.upstreams = upstreams;
        this.ipfs = ipfs;
        this.paths = paths;
        this.ahead = ahead;
        this.threads = threads;
    }

    /**
     * Begins a search; its result never fails.
     *
     * @param aheadOfClients whether no client has asked for the path, so that it may be stored already
     */
    CompletableFuture<Outcome> start(Digest digest, boolean aheadOfClients) {
        try {
            return CompletableFuture.supplyAsync(() -> local(digest, aheadOfClients), threads.readers())
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
            boolean expected = upstreams.isExpected(known)
                    || store.hasNar(known.narInfo().pathInfo().narHash());
            if (expected && known.isFresh(limits.positiveTtl())) {
                return new Local(new Outcome.Found(known), known);
            }
            return new Local(null, expected ? known : null);
        } catch (IOException e) {
            LOG.warn("what is known of {} at upstreams cannot be read: {}", digest, e.getMessage());
            return new Local(null, null);
        }
    }

    private CompletableFuture<Outcome> remote(Digest digest, @Nullable RemotePath known) {
        List<Upstream> closed = upstreams.closed();
        boolean complete = closed.size() == upstreams.all().size();
        CompletableFuture<Outcome> search = new Search(
                        digest,
                        closed,
                        complete,
                        threads.timer(),
                        limits.probeBudget().toNanos())
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
}
