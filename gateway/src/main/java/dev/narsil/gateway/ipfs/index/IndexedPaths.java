package dev.narsil.gateway.ipfs.index;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.upstream.PathsInIpfs;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The paths that followed indexes say are in IPFS, of which the narinfo is made of the manifest there. It counts if the
 * manifest is of the path and the NAR that the index says, and a key that is trusted for the index or for an upstream has
 * signed what it says. Safe for use by many threads.
 */
public final class IndexedPaths implements PathsInIpfs, AutoCloseable {

    /** Time for a manifest. */
    public static final Duration BUDGET = Duration.ofSeconds(2);

    /** How long a manifest that could not be had is not asked for again. */
    static final Duration MISSED_FOR = Duration.ofMinutes(1);

    /** Most manifests of which that is known. */
    static final int MAX_MISSED = 10_000;

    /** Most manifests that are asked for at a time; others wait for their turn, within their budget. */
    static final int MAX_AT_A_TIME = 32;

    /** Most that wait. */
    static final int MAX_WAITING = 4096;

    private final IndexLookups lookups;
    private final KuboClient kubo;
    private final List<PublicKey> upstreamKeys;
    private final Duration budget;
    private final Semaphore room = new Semaphore(MAX_AT_A_TIME + MAX_WAITING);
    private final Semaphore turns = new Semaphore(MAX_AT_A_TIME, true);
    private final Cache<Cid, Boolean> missed = Caffeine.newBuilder()
            .maximumSize(MAX_MISSED)
            .expireAfterWrite(MISSED_FOR)
            .executor(Runnable::run)
            .build();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("ipfs-manifest").factory());

    /**
     * Nothing is asked yet.
     *
     * @param lookups to be closed after this
     * @param kubo gets the manifests; to be closed after this
     * @param upstreamKeys keys that are trusted for upstreams
     * @param budget time for a manifest
     */
    public IndexedPaths(IndexLookups lookups, KuboClient kubo, List<PublicKey> upstreamKeys, Duration budget) {
        this.lookups = lookups;
        this.kubo = kubo;
        this.upstreamKeys = List.copyOf(upstreamKeys);
        this.budget = budget;
    }

    @Override
    public CompletableFuture<Optional<NarInfo>> find(Digest digest) {
        return lookups.claims(digest)
                .thenCompose(claims ->
                        claims.isEmpty() ? CompletableFuture.completedFuture(Optional.empty()) : fetched(claims))
                .orTimeout(budget.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Asks for the manifests on a thread that may wait, if there is room. */
    private CompletableFuture<Optional<NarInfo>> fetched(List<IndexLookups.Claim> claims) {
        if (!room.tryAcquire()) {
            return CompletableFuture.failedFuture(new IOException("too many manifests are asked for at a time"));
        }
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return Optional.of(inTurn(claims));
                        } catch (IOException e) {
                            throw new CompletionException(e);
                        } finally {
                            room.release();
                        }
                    },
                    threads);
        } catch (RejectedExecutionException e) {
            room.release();
            return CompletableFuture.failedFuture(new IOException("closing", e));
        }
    }

    private NarInfo inTurn(List<IndexLookups.Claim> claims) throws IOException {
        try {
            if (!turns.tryAcquire(budget.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("others took all the time there was");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        try {
            return first(claims);
        } finally {
            turns.release();
        }
    }

    private NarInfo first(List<IndexLookups.Claim> claims) throws IOException {
        IOException failure = new IOException("no index says so any more");
        for (IndexLookups.Claim claim : claims) {
            Cid manifest = claim.entry().cids().manifest();
            if (missed.getIfPresent(manifest) != null) {
                failure = new IOException("manifest " + manifest + " could not be had lately");
                continue;
            }
            try {
                return narInfo(claim);
            } catch (IOException e) {
                missed.put(manifest, true);
                failure = e;
            }
        }
        throw failure;
    }

    private NarInfo narInfo(IndexLookups.Claim claim) throws IOException {
        IndexEntry entry = claim.entry();
        StoreDir storeDir = lookups.store().storeDir();
        Manifest manifest = Manifest.decode(kubo.block(entry.cids().manifest(), false, budget));
        if (!manifest.storeDir().equals(storeDir)
                || !manifest.path().digest().equals(entry.path())
                || !manifest.narHash().equals(entry.narHash())
                || !manifest.nar().equals(entry.cids().nar())) {
            throw new IOException("manifest " + entry.cids().manifest() + " is not of what the index says: it is of "
                    + manifest.path());
        }
        NarInfo narInfo = NarInfo.inIpfs(manifest.toPathInfo(), entry.cids());
        // what a manifest may have in its texts may mean something else in a narinfo
        PathInfo read = NarInfo.parse(storeDir, narInfo.print(storeDir)).pathInfo();
        if (!read.equals(narInfo.pathInfo())) {
            throw new IOException("manifest " + entry.cids().manifest() + " cannot be said as a narinfo");
        }
        List<PublicKey> keys = new ArrayList<>(claim.keys());
        keys.addAll(upstreamKeys);
        TrustedKeys.Verdict verdict = new TrustedKeys(keys).verify(read, storeDir);
        if (!verdict.trusted()) {
            throw new IOException("manifest " + entry.cids().manifest() + " does not count: " + verdict.reason());
        }
        return narInfo;
    }

    @Override
    public @Nullable String distrust(NarInfo narInfo) {
        try {
            List<PublicKey> keys = new ArrayList<>(lookups.keys());
            keys.addAll(upstreamKeys);
            TrustedKeys.Verdict verdict = new TrustedKeys(keys)
                    .verify(narInfo.pathInfo(), lookups.store().storeDir());
            return verdict.trusted() ? null : verdict.reason();
        } catch (IOException e) {
            return "the keys of the indexes cannot be read: " + e.getMessage();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
