package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which upstreams have a NAR, by the path that is known to have it. Blocks; the store is read on threads that
 * may. Safe for use by many threads.
 */
final class HolderSearch {

    private static final Logger LOG = LoggerFactory.getLogger(HolderSearch.class);

    private final UpstreamLimits limits;
    private final UpstreamSet upstreams;
    private final RemotePaths paths;
    private final UpstreamThreads threads;

    HolderSearch(UpstreamLimits limits, UpstreamSet upstreams, RemotePaths paths, UpstreamThreads threads) {
        this.limits = limits;
        this.upstreams = upstreams;
        this.paths = paths;
        this.threads = threads;
    }

    /** Returns what is known of a path with this NAR, without asking anybody. */
    Optional<NarInfo> narInfo(Sha256 narHash) throws InterruptedException {
        return Optional.ofNullable(path(narHash)).map(RemotePath::narInfo);
    }

    /** Returns where the NAR is known to be, without asking anybody. */
    List<RemoteNar> known(Sha256 narHash) throws InterruptedException {
        RemotePath path = path(narHash);
        Upstream upstream = path == null ? null : upstreams.of(path);
        return path == null || upstream == null || !path.narInfo().hasFile()
                ? List.of()
                : List.of(nar(upstream, path.narInfo()));
    }

    /** Returns who has the NAR, as {@link Upstreams#holders} does. */
    NarHolders all(Sha256 narHash) throws InterruptedException {
        RemotePath path = path(narHash);
        if (path == null) {
            return NarHolders.of(List.of());
        }
        PathInfo wanted = path.narInfo().pathInfo();
        Map<Upstream, CompletableFuture<Answer>> asked = new LinkedHashMap<>();
        List<RemoteNar> holders = new ArrayList<>();
        for (Upstream upstream : upstreams.closed()) {
            if (upstream.url().equals(path.upstream())) {
                if (path.narInfo().hasFile()) {
                    holders.add(nar(upstream, path.narInfo()));
                }
            } else {
                asked.put(upstream, upstream.ask(wanted.path().digest(), false));
            }
        }
        awaitAll(asked.values(), upstreams.isExpected(path) ? longestHedge(asked.keySet()) : limits.probeBudget());
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

    /** Looks in memory, then reads the store on a thread that may, whatever thread this is. */
    private @Nullable RemotePath path(Sha256 narHash) throws InterruptedException {
        RemotePath known = paths.inMemory(narHash);
        if (known != null) {
            return known;
        }
        try {
            return CompletableFuture.supplyAsync(() -> read(narHash), threads.readers())
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
}
