package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.NarStore;
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
    private final PackageNames names = new PackageNames();
    private final LocalBlocks blocks;
    private final PackageNamesFeed feed;
    private final IpfsHolder.Outcome outcome = new IpfsHolder.Outcome() {
        @Override
        public DeltaOrigin opened(FileRoot root, PathInfo path) {
            counters.opened.increment();
            return new DeltaOrigin(daemon, local, blocks, counters, path, root);
        }

        @Override
        public void nothing(Cid root, Duration time) {
            counters.misses.increment();
            misses.add(root, time);
            LOG.info("nothing came of {} within {} ms", root, time.toMillis());
        }
    };

    private IpfsFetch(NarStore store, KuboClient kubo, NarRoots roots, KnownPaths paths, FetchLimits limits) {
        this.roots = roots;
        this.paths = paths;
        this.limits = limits;
        this.daemon = new Daemon(kubo, limits, counters);
        this.threads = daemon.threads();
        this.misses = new Misses(limits.miss());
        this.blocks = new LocalBlocks(store, names);
        this.feed = PackageNamesFeed.start(store, names);
    }

    /**
     * Gets ready to fetch, which makes it known in the background what is stored.
     *
     * @param store what it has is not fetched; to be closed after this
     * @param kubo the daemon, to be closed after this
     * @param roots by which CIDs NARs are there
     * @param paths what else is known of them
     */
    public static IpfsFetch start(NarStore store, KuboClient kubo, NarRoots roots, KnownPaths paths) {
        return start(store, kubo, roots, paths, FetchLimits.DEFAULT);
    }

    static IpfsFetch start(NarStore store, KuboClient kubo, NarRoots roots, KnownPaths paths, FetchLimits limits) {
        return new IpfsFetch(store, kubo, roots, paths, limits);
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

    PackageNames names() {
        return names;
    }

    private KnownHolders holders(Sha256 narHash, Holders others) throws IOException, InterruptedException {
        Optional<Cid> root = root(narHash);
        Optional<PathInfo> path = root.isEmpty() ? Optional.empty() : paths.holding(narHash);
        if (root.isEmpty() || path.isEmpty() || misses.has(root.get(), limits.firstBlockAlone())) {
            return others.of(narHash);
        }
        CompletableFuture<KnownHolders> asked = CompletableFuture.supplyAsync(() -> ask(others, narHash), threads);
        CompletableFuture<Optional<byte[]>> probe =
                CompletableFuture.supplyAsync(() -> daemon.stored(root.get()), threads);
        Optional<byte[]> stored = await(probe, limits.probe()).flatMap(block -> block);
        FileRoot file = new FileRoot(root.get(), stored);
        boolean missed = misses.has(root.get(), limits.firstBlock());
        Duration lead = missed ? limits.firstBlockAlone() : stored.isPresent() ? Duration.ZERO : limits.lead();
        Optional<KnownHolders> known = await(asked, lead);
        return known.isPresent()
                ? merged(known.get(), file, path.get())
                : new KnownHolders(List.of(holder(file, path.get(), limits.firstBlock())), late(asked));
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

    private KnownHolders merged(KnownHolders known, FileRoot root, PathInfo path) {
        List<Holder> all = new ArrayList<>(known.now());
        Duration patience = all.isEmpty() ? limits.firstBlockAlone() : limits.firstBlock();
        if (misses.has(root.cid(), patience)) {
            return known;
        }
        IpfsHolder ipfs = holder(root, path, patience);
        if (root.block().isPresent() || all.isEmpty()) {
            all.addFirst(ipfs);
        } else {
            all.set(0, new Leading(all.getFirst(), limits.lead()));
            all.add(1, ipfs);
        }
        return new KnownHolders(all, known.late());
    }

    private IpfsHolder holder(FileRoot root, PathInfo path, Duration patience) {
        return new IpfsHolder(root, path, new FileStream.Patience(patience, limits.block()), outcome);
    }

    /** Returns what there is in time; empty if there is nothing, or it fails. */
    private static <T> Optional<T> await(CompletableFuture<T> future, Duration time) throws InterruptedException {
        try {
            return Optional.of(future.get(time.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            LOG.debug("who has a NAR is not known", e);
            return Optional.empty();
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
        feed.close();
        local.close();
    }
}
