package dev.narsil.gateway.importer;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.source.CacheInfo;
import dev.narsil.gateway.source.CacheSource;
import dev.narsil.gateway.source.SourceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Imports paths from binary caches into a store, once. */
public final class Importer {

    /** Most paths that are taken in and not yet durable. */
    private static final int MAX_UNPUBLISHED = 4096;

    private final NarStore store;
    private final ImportOptions options;
    private final Tally tally;
    private final Semaphore unpublished = new Semaphore(MAX_UNPUBLISHED);
    private final AtomicReference<@Nullable IOException> fatal = new AtomicReference<>();
    private final List<NarFetch> fetches = new ArrayList<>();
    private @Nullable WorkQueue queue;
    private boolean cancelled;

    /** An import into {@code store} that tells {@code listener} how far it is. */
    public Importer(NarStore store, ImportOptions options, ImportListener listener) {
        this.store = store;
        this.options = options;
        this.tally = new Tally(listener);
    }

    /**
     * Imports what is selected, and returns when all of it is durable or has failed. May be called once.
     *
     * @param sources asked in this order for each path
     * @throws SourceException if a source is not a binary cache of this store directory, or cannot be selected from
     * @throws StoreException if the store is full or locked; what was told as imported before is durable
     */
    public ImportReport run(List<CacheSource> sources, Selection selection) throws IOException {
        for (CacheSource source : sources) {
            checkStoreDir(source);
        }
        boolean mayRepeat = !(selection instanceof Selection.Everything) || sources.size() > 1;
        WorkQueue work = new WorkQueue(mayRepeat, count -> tally.discovered(count, false));
        start(work);
        boolean closure = selection instanceof Selection.Closure;
        try (ExecutorService workers = Executors.newFixedThreadPool(
                options.jobs(),
                Thread.ofPlatform().name("narsil-import-", 1).daemon().factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < options.jobs(); i++) {
                NarFetch fetch = new NarFetch(store, tally, work::isStopped);
                register(fetch);
                PathWorker worker = new PathWorker(this, store, options, sources, work, closure, fetch, tally);
                running.add(workers.submit(worker));
            }
            try {
                selection.forEach(sources, store.storeDir(), work::put);
                work.complete();
                if (!closure) {
                    tally.discovered(work.count(), true);
                }
            } catch (IOException e) {
                stop(e);
            }
            for (Future<?> worker : running) {
                await(worker, work);
            }
        }
        if (closure) {
            tally.discovered(work.count(), true);
        }
        awaitPublished();
        IOException failure = fatal.get();
        if (failure != null) {
            throw failure;
        }
        return tally.report(isCancelled());
    }

    /** Ends the import soon: what is being taken in is dropped, what was taken in becomes durable. For any thread. */
    public synchronized void cancel() {
        cancelled = true;
        if (queue != null) {
            queue.stop();
        }
        fetches.forEach(NarFetch::abort);
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    private synchronized void start(WorkQueue work) {
        if (queue != null) {
            throw new IllegalStateException("an import runs once");
        }
        queue = work;
        if (cancelled) {
            work.stop();
        }
    }

    private synchronized void register(NarFetch fetch) {
        fetches.add(fetch);
    }

    /** Ends the import, which fails for this reason. */
    void stop(IOException reason) {
        fatal.compareAndSet(null, reason);
        synchronized (this) {
            if (queue != null) {
                queue.stop();
            }
            fetches.forEach(NarFetch::abort);
        }
    }

    /** Tells whether a failure of the store concerns all paths. */
    static boolean isFatal(IOException failure) {
        return failure instanceof StoreException store
                && (store.kind() == StoreException.Kind.FULL || store.kind() == StoreException.Kind.LOCKED);
    }

    /** Publishes a path whose NAR has been taken in; waits only while too many are on their way. */
    void publish(PathInfo info, long fileBytes) throws StoreException {
        unpublished.acquireUninterruptibly();
        CompletableFuture<Void> published;
        try {
            published = store.publish(info, PathMerge::keeping);
        } catch (IOException e) {
            unpublished.release();
            throw e instanceof StoreException store
                    ? store
                    : new StoreException(StoreException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
        var _ = published.whenComplete((_, failure) -> {
            try {
                published(info, fileBytes, failure);
            } finally {
                unpublished.release();
            }
        });
    }

    private void published(PathInfo info, long fileBytes, @Nullable Throwable failure) {
        String path = info.path().baseName();
        if (failure == null) {
            tally.imported(path, info.narSize(), fileBytes);
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        tally.failed(path, "it could not be stored: " + cause.getMessage());
        if (cause instanceof IOException io && isFatal(io)) {
            stop(io);
        }
    }

    private void awaitPublished() {
        try {
            store.flush();
        } catch (IOException e) {
            if (isFatal(e)) {
                fatal.compareAndSet(null, e);
            }
            tally.message("the store could not be flushed: " + e.getMessage());
        }
        unpublished.acquireUninterruptibly(MAX_UNPUBLISHED);
    }

    private void checkStoreDir(CacheSource source) throws IOException {
        CacheInfo info = source.cacheInfo();
        String storeDir = info.storeDir();
        if (storeDir != null && !storeDir.equals(store.storeDir().path())) {
            throw new SourceException("the binary cache " + source.describe() + " is for the store directory '"
                    + storeDir + "', not '" + store.storeDir() + "'");
        }
    }

    private static void await(Future<?> worker, WorkQueue work) {
        boolean interrupted = false;
        while (true) {
            try {
                worker.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                work.stop();
            } catch (ExecutionException e) {
                work.stop();
                throw new IllegalStateException("an import worker failed", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
