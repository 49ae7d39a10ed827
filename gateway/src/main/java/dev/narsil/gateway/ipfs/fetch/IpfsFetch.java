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
 *
 * <p>What is said of a root may be wrong. Each root that is told is a file of its own, held to its own bytes: those
 * after the first come last of all, and the first is left out once what came of it was not the NAR.
 */
public final class IpfsFetch implements AutoCloseable {

    /** Most roots that are said to be one NAR and are tried. */
    static final int MAX_ROOTS = 8;

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
     * @param roots by which CIDs NARs are said to be there
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
        List<Cid> likely = likely(roots(narHash), limits.firstBlockAlone());
        Optional<PathInfo> path = likely.isEmpty() ? Optional.empty() : paths.holding(narHash);
        if (path.isEmpty()) {
            return others.of(narHash);
        }
        Cid first = likely.getFirst();
        CompletableFuture<KnownHolders> asked = CompletableFuture.supplyAsync(() -> ask(others, narHash), threads);
        CompletableFuture<Optional<byte[]>> probe = CompletableFuture.supplyAsync(() -> daemon.stored(first), threads);
        Optional<byte[]> stored = await(probe, limits.probe()).flatMap(block -> block);
        if (!probe.isDone()) {
            daemon.wasLate();
        }
        List<FileRoot> files = likely.stream()
                .map(root -> new FileRoot(root, root.equals(first) ? stored : Optional.empty()))
                .toList();
        boolean missed = misses.has(first, limits.firstBlock());
        Duration lead = missed ? limits.firstBlockAlone() : stored.isPresent() ? Duration.ZERO : limits.lead();
        Optional<KnownHolders> known = await(asked, lead);
        if (known.isPresent()) {
            return merged(known.get(), files, path.get());
        }
        List<Holder> ipfs = ipfs(files, path.get(), limits.firstBlock());
        return new KnownHolders(
                ipfs.subList(0, 1), late(asked).thenApply(http -> concat(http, ipfs.subList(1, ipfs.size()))));
    }

    /** Returns those of which something may come within {@code time}. */
    private List<Cid> likely(List<Cid> all, Duration time) {
        return all.stream()
                .filter(root -> !misses.has(root, time))
                .limit(MAX_ROOTS)
                .toList();
    }

    private static List<Holder> concat(List<Holder> first, List<Holder> then) {
        return Stream.concat(first.stream(), then.stream()).toList();
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

    private List<Cid> roots(Sha256 narHash) throws InterruptedIOException {
        try {
            return local.call(() -> roots.roots(narHash));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("the roots of {} cannot be read: {}", narHash, e.getMessage());
            return List.of();
        }
    }

    private KnownHolders merged(KnownHolders known, List<FileRoot> roots, PathInfo path) {
        List<Holder> all = new ArrayList<>(known.now());
        Duration patience = all.isEmpty() ? limits.firstBlockAlone() : limits.firstBlock();
        List<FileRoot> likely =
                roots.stream().filter(root -> !misses.has(root.cid(), patience)).toList();
        if (likely.isEmpty()) {
            return known;
        }
        List<Holder> ipfs = ipfs(likely, path, patience);
        if (likely.getFirst().block().isPresent() || all.isEmpty()) {
            all.addFirst(ipfs.getFirst());
        } else {
            all.set(0, new Leading(all.getFirst(), limits.lead()));
            all.add(1, ipfs.getFirst());
        }
        all.addAll(ipfs.subList(1, ipfs.size()));
        return new KnownHolders(all, known.late());
    }

    private List<Holder> ipfs(List<FileRoot> roots, PathInfo path, Duration patience) {
        FileStream.Patience times = new FileStream.Patience(patience, limits.block());
        return roots.stream()
                .<Holder>map(root -> new IpfsHolder(root, path, times, outcome))
                .toList();
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
        return asked.thenCompose(known -> known.late().thenApply(later -> concat(known.now(), later)))
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
        public String suspect() {
            return holder.suspect();
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
