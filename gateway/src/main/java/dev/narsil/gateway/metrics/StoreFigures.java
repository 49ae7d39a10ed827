package dev.narsil.gateway.metrics;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoreTotals;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a store holds and what that takes, on disk and in memory.
 *
 * <p>Counting takes reading two tables, so it is done in the background, when somebody asks and the last count is older than
 * {@link #MAX_AGE}. Until the first one is there the figures are NaN. Nothing is counted while nobody asks.
 */
public final class StoreFigures implements AutoCloseable {

    /** How old a count may be when it is given. */
    public static final Duration MAX_AGE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(StoreFigures.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private record Count(StoreTotals totals, long atNanos) {}

    private final NarStore store;
    private final AtomicBoolean counting = new AtomicBoolean();
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            CLOSE_TIMEOUT.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(1),
            Thread.ofPlatform().name("figures-", 0).daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    private volatile @Nullable Count last;

    private StoreFigures(NarStore store) {
        this.store = store;
        thread.allowCoreThreadTimeOut(true);
    }

    /** Registers the figures of {@code store}, which must stay open until they are closed. */
    public static StoreFigures register(NarStore store, Metrics metrics) {
        StoreFigures figures = new StoreFigures(store);
        figures.register(metrics);
        return figures;
    }

    private void register(Metrics metrics) {
        counted(metrics, "narsil.store.paths", "Store paths", StoreTotals::paths);
        counted(metrics, "narsil.store.nars", "Distinct NARs", StoreTotals::nars);
        counted(metrics, "narsil.store.nar.bytes", "Sum of NarSize over store paths", StoreTotals::narBytes);
        counted(
                metrics,
                "narsil.store.unique.nar.bytes",
                "Sum of NarSize over distinct NARs",
                StoreTotals::uniqueNarBytes);
        counted(metrics, "narsil.store.disk.bytes", "Bytes on disk", StoreTotals::packBytes, "files", "packs");
        counted(metrics, "narsil.store.disk.bytes", "Bytes on disk", StoreTotals::metadataBytes, "files", "other");
        counted(
                metrics,
                "narsil.store.dedup.ratio",
                "Bytes on disk per byte of NAR",
                totals -> totals.storedBytes() / (double) totals.narBytes());
        held(metrics, "block-cache", BlockStore.MemoryUse::blockCache);
        held(metrics, "memtables", BlockStore.MemoryUse::memtables);
        held(metrics, "table-readers", BlockStore.MemoryUse::tableReaders);
    }

    private void counted(
            Metrics metrics, String name, String help, ToDoubleFunction<StoreTotals> figure, String... labels) {
        metrics.gauge(
                name,
                help,
                () -> {
                    Count count = last;
                    if (count == null || System.nanoTime() - count.atNanos > MAX_AGE.toNanos()) {
                        refresh();
                    }
                    return count == null ? Double.NaN : figure.applyAsDouble(count.totals);
                },
                labels);
    }

    private void held(Metrics metrics, String part, ToLongFunction<BlockStore.MemoryUse> figure) {
        metrics.gauge(
                "narsil.rocksdb.memory.bytes",
                "Memory of the store's engine outside the heap",
                () -> {
                    try {
                        return figure.applyAsLong(store.memory());
                    } catch (StoreException e) {
                        LOG.debug("memory of the store: {}", e.getMessage());
                        return Double.NaN;
                    }
                },
                "part",
                part);
    }

    private void refresh() {
        if (counting.compareAndSet(false, true)) {
            thread.execute(this::count);
        }
    }

    private void count() {
        try {
            last = new Count(store.totals(), System.nanoTime());
        } catch (IOException e) {
            LOG.warn("the store cannot be counted: {}", e.getMessage());
        } finally {
            counting.set(false);
        }
    }

    /** Waits for a count in progress; afterwards the store is not used any more. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("counting the store did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
