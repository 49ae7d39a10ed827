package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.download.Holder;
import dev.narsil.gateway.download.Holders;
import dev.narsil.gateway.download.KnownHolders;
import dev.narsil.gateway.ipfs.NarRoots;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetching NARs from a Kubo daemon, which takes part in downloads as one more holder. Safe for use by many threads.
 *
 * <p>Who goes first: the daemon, if it says soon that it stores the root itself; else the best of the others, who has a
 * short lead, as the daemon would have to find somebody in the network. Either way the others of the two are asked when
 * the first is not quick. Where the daemon gave nothing in time it is left out for a while.
 */
public final class IpfsFetch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IpfsFetch.class);

    private final NarRoots roots;
    private final KnownPaths paths;
    private final FetchLimits limits;
    private final FetchCounters counters = new FetchCounters();
    private final Daemon daemon;
    private final Executor threads;
    private final LocalThreads local = new LocalThreads();
    private final Misses misses;
    private final IpfsHolder.Outcome outcome = new IpfsHolder.Outcome() {
        @Override
        public void opened() {
            counters.opened.increment();
        }

        @Override
        public void nothing(Cid root, Duration time) {
            counters.misses.increment();
            misses.add(root, time);
            LOG.info("nothing came of {} within {} ms", root, time.toMillis());
        }
    };

    /**
     * Fetching that was not begun.
     *
     * @param kubo the daemon, to be closed after this
     * @param roots by which CIDs NARs are there
     * @param paths what else is known of them
     */
    public IpfsFetch(KuboClient kubo, NarRoots roots, KnownPaths paths) {
        this(kubo, roots, paths, FetchLimits.DEFAULT);
    }

    IpfsFetch(KuboClient kubo, NarRoots roots, KnownPaths paths, FetchLimits limits) {
        this.roots = roots;
        this.paths = paths;
        this.limits = limits;
        this.daemon = new Daemon(kubo, limits, counters);
        this.threads = daemon.threads();
        this.misses = new Misses(limits.miss());
    }

    /** Returns those who have a NAR, with the daemon beside {@code others}. */
    public Holders beside(Holders others) {
        return new Holders() {
            @Override
            public KnownHolders of(Sha256 narHash) throws IOException, InterruptedException {
                return holders(narHash, others);
            }

            @Override
            public int upstreams() {
                return others.upstreams() + 1;
            }
        };
    }

    /** What was done so far. */
    public FetchState state() {
        return counters.snapshot();
    }

    private KnownHolders holders(Sha256 narHash, Holders others) throws IOException, InterruptedException {
        Optional<Cid> root = root(narHash);
        Optional<PathInfo> path = root.isEmpty() ? Optional.empty() : paths.holding(narHash);
        if (root.isEmpty() || path.isEmpty() || misses.has(root.get(), limits.firstBlockAlone())) {
            return others.of(narHash);
        }
        CompletableFuture<KnownHolders> asked = CompletableFuture.supplyAsync(() -> ask(others, narHash), threads);
        CompletableFuture<Boolean> probe = CompletableFuture.supplyAsync(() -> daemon.stores(root.get()), threads);
        boolean stored = Boolean.TRUE.equals(await(probe, limits.probe()));
        KnownHolders known = await(asked, stored ? Duration.ZERO : limits.lead());
        return known == null
                ? new KnownHolders(List.of(holder(root.get(), path.get(), limits.firstBlock())), late(asked))
                : merged(known, root.get(), path.get(), stored);
    }

    private static KnownHolders ask(Holders others, Sha256 narHash) {
        try {
            return others.of(narHash);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    private Optional<Cid> root(Sha256 narHash) throws InterruptedIOException {
        try {
            return local.call(() -> roots.root(narHash));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("the root of {} cannot be read: {}", narHash, e.getMessage());
            return Optional.empty();
        }
    }

    private KnownHolders merged(KnownHolders known, Cid root, PathInfo path, boolean stored) {
        List<Holder> all = new ArrayList<>(known.now());
        Duration patience = all.isEmpty() ? limits.firstBlockAlone() : limits.firstBlock();
        if (misses.has(root, patience)) {
            return known;
        }
        IpfsHolder ipfs = holder(root, path, patience);
        if (stored || all.isEmpty()) {
            all.addFirst(ipfs);
        } else {
            all.set(0, new Leading(all.getFirst(), limits.lead()));
            all.add(1, ipfs);
        }
        return new KnownHolders(all, known.late());
    }

    private IpfsHolder holder(Cid root, PathInfo path, Duration patience) {
        return new IpfsHolder(daemon, root, path, new FileStream.Patience(patience, limits.block()), outcome);
    }

    /** Returns what there is in time, or null. */
    private static <T> @Nullable T await(CompletableFuture<T> future, Duration time) throws InterruptedException {
        try {
            return future.get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            LOG.debug("who has a NAR is not known", e);
            return null;
        }
    }

    /** Those who turn up late, all of them; none if asking for them fails. */
    private static CompletableFuture<List<Holder>> late(CompletableFuture<KnownHolders> asked) {
        return asked.thenCompose(known -> known.late()
                        .thenApply(later -> Stream.concat(known.now().stream(), later.stream())
                                .toList()))
                .exceptionally(failure -> {
                    LOG.warn("who has a NAR is not known: {}", failure.getMessage());
                    return List.of();
                });
    }

    /** The best of the others, given a short lead only. */
    private record Leading(Holder holder, Duration lead) implements Holder {

        @Override
        public String upstream() {
            return holder.upstream();
        }

        @Override
        public NarInfo narInfo() {
            return holder.narInfo();
        }

        @Override
        public Duration hedge() {
            return holder.hedge().compareTo(lead) < 0 ? holder.hedge() : lead;
        }

        @Override
        public OpenFile open(long from, FileVersion expected) throws IOException {
            return holder.open(from, expected);
        }
    }

    /** Gives up what is on the way. */
    @Override
    public void close() {
        daemon.close();
        local.close();
    }
}
