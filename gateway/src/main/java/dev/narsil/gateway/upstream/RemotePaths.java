package dev.narsil.gateway.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paths that upstreams are known to have, or not to have. The former are also stored, a while after they become
 * known, so that the URL of a NAR that a client was given means something after a restart. Safe for use by many
 * threads; only what says so reads the store.
 */
final class RemotePaths {

    /** Memory of the paths that are known best, roughly. */
    static final long MEMORY_BYTES = 32L << 20;

    /** Most NARs of which the path is known without reading the store. */
    static final int MAX_NARS = 100_000;

    /** Most paths that are known to be absent. */
    static final int MAX_ABSENT = 100_000;

    /** Most paths that wait to be stored; what is beyond is forgotten at a restart. */
    static final int MAX_UNWRITTEN = 16_384;

    /** Most paths that are stored at a time. */
    static final int MAX_BATCH = 512;

    /** Age at which what is stored is dropped; clients remember URLs for 30 days. */
    static final Duration KEPT = Duration.ofDays(60);

    private static final Logger LOG = LoggerFactory.getLogger(RemotePaths.class);
    private static final int OVERHEAD_BYTES = 1024;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final NarStore store;
    private final Executor workers;
    private final Predicate<RemotePath> counts;
    private final Cache<Digest, RemotePath> paths;
    private final Cache<Sha256, Digest> nars =
            Caffeine.newBuilder().maximumSize(MAX_NARS).executor(Runnable::run).build();
    private final Cache<Digest, Boolean> absent;
    private final BlockingQueue<RemotePath> unwritten = new ArrayBlockingQueue<>(MAX_UNWRITTEN);
    private final AtomicBoolean writing = new AtomicBoolean();

    /**
     * What {@code store} knows.
     *
     * @param counts whether what is stored is still believed, as another process that stored it may have trusted others
     */
    RemotePaths(NarStore store, Executor workers, Duration negativeTtl, Predicate<RemotePath> counts) {
        this.store = store;
        this.workers = workers;
        this.counts = counts;
        this.paths = Caffeine.newBuilder()
                .maximumWeight(MEMORY_BYTES)
                .weigher((Digest digest, RemotePath path) -> 3 * path.text().length + OVERHEAD_BYTES)
                .executor(Runnable::run)
                .build();
        this.absent = Caffeine.newBuilder()
                .maximumSize(MAX_ABSENT)
                .expireAfterWrite(negativeTtl)
                .executor(Runnable::run)
                .build();
    }

    @Nullable
    RemotePath inMemory(Digest digest) {
        return paths.getIfPresent(digest);
    }

    /** Returns a path that has a NAR, if that is in memory. */
    @Nullable
    RemotePath inMemory(Sha256 narHash) {
        Digest digest = nars.getIfPresent(narHash);
        return digest == null ? null : having(narHash, paths.getIfPresent(digest));
    }

    private static @Nullable RemotePath having(Sha256 narHash, @Nullable RemotePath path) {
        return path != null && path.narInfo().pathInfo().narHash().equals(narHash) ? path : null;
    }

    /** Returns what is known of a path, also from the store if that still counts; reads it. */
    @Nullable
    RemotePath find(Digest digest) throws IOException {
        RemotePath known = paths.getIfPresent(digest);
        byte[] record = known == null ? store.record(Table.REMOTE, digest.bytes()) : null;
        if (record == null) {
            return known;
        }
        RemotePath stored = RemotePathCodec.decode(store.storeDir(), record);
        if (!counts.test(stored)) {
            return null;
        }
        know(stored);
        return stored;
    }

    /** Returns a path that has a NAR, also from the store if that still counts; reads it. */
    @Nullable
    RemotePath holding(Sha256 narHash) throws IOException {
        Digest digest = nars.getIfPresent(narHash);
        if (digest == null) {
            byte[] record = store.record(Table.REMOTE, RemotePathCodec.key(narHash));
            if (record == null) {
                return null;
            }
            digest = RemotePathCodec.decodeNar(record).digest();
        }
        return having(narHash, find(digest));
    }

    /** Remembers a path, and stores it soon. */
    void remember(RemotePath path) {
        know(path);
        absent.invalidate(path.narInfo().storePath().digest());
        if (!unwritten.offer(path)) {
            LOG.warn(
                    "{} is not stored as known of an upstream: too many are",
                    path.narInfo().storePath());
        }
        write();
    }

    private void know(RemotePath path) {
        Digest digest = path.narInfo().storePath().digest();
        paths.put(digest, path);
        nars.put(path.narInfo().pathInfo().narHash(), digest);
    }

    boolean isAbsent(Digest digest) {
        return absent.getIfPresent(digest) != null;
    }

    /** Remembers that no upstream has a path. */
    void rememberAbsent(Digest digest) {
        absent.put(digest, true);
    }

    /** Forgets which paths no upstream has. */
    void forgetAbsent() {
        absent.invalidateAll();
    }

    private void write() {
        if (unwritten.isEmpty() || !writing.compareAndSet(false, true)) {
            return;
        }
        try {
            workers.execute(this::writeBatch);
        } catch (RejectedExecutionException e) {
            // closing writes what is left
            writing.set(false);
        }
    }

    private void writeBatch() {
        var _ = writeSome().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("what upstreams have is not stored: {}", failure.getMessage());
            }
            writing.set(false);
            write();
        });
    }

    private CompletableFuture<Void> writeSome() {
        List<RemotePath> batch = new ArrayList<>();
        unwritten.drainTo(batch, MAX_BATCH);
        try {
            return store.write(batch.stream()
                    .flatMap(path -> RemotePathCodec.entries(path).stream())
                    .toList());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Drops what is stored and older than {@link #KEPT} at {@code now}, or is damaged; reads the store. */
    void sweep(Instant now) throws IOException {
        Instant oldest = now.minus(KEPT);
        List<Entry> old = new ArrayList<>();
        store.forEachRecord(Table.REMOTE, (key, value) -> {
            if (old.size() < MAX_UNWRITTEN && isUseless(value, oldest)) {
                old.add(new Entry(Table.REMOTE, key, null));
            }
        });
        if (!old.isEmpty()) {
            var _ = store.write(List.copyOf(old));
            LOG.info(
                    "{} records of paths at upstreams were dropped: nobody asked for them for {} days",
                    old.size(),
                    KEPT.toDays());
        }
    }

    private static boolean isUseless(byte[] record, Instant oldest) {
        try {
            return RemotePathCodec.fetched(record).isBefore(oldest);
        } catch (FormatException e) {
            return !e.isNewerVersion();
        }
    }

    /** Stores what waits to be; to be called when nothing more is remembered. */
    void close() {
        try {
            while (!unwritten.isEmpty()) {
                writeSome().get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("what upstreams have is not stored: {}", e.getMessage());
        }
    }
}
