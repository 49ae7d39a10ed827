package dev.narsil.blockstore;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.pack.Pack;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Decoded packs in memory, read and decoded on a pool of native threads, once however many readers want them. */
final class PackCache implements AutoCloseable {

    /** Packs read ahead over all readers together. */
    private static final int PREFETCH_BUDGET = 24;

    /** Packs read ahead for one reader. */
    private static final int MAX_PREFETCH = 3;

    private final BlockStore store;
    private final ThreadPoolExecutor pool = NativePool.create("narsil-native");
    private final AsyncLoadingCache<Long, Loaded> packs;
    private final AtomicInteger readers = new AtomicInteger();

    PackCache(BlockStore store, long maxBytes) {
        this.store = store;
        this.packs = Caffeine.newBuilder()
                .executor(Runnable::run)
                .maximumWeight(maxBytes)
                .weigher((Long number, Loaded loaded) -> loaded.weight())
                .buildAsync((number, executor) -> onPool(() -> tryRead(number)));
    }

    /** What reading a pack gave: the pack, or why there is none. A failure is a result, lest the cache log it at length. */
    record Loaded(@Nullable Pack pack, @Nullable IOException failure) {

        int weight() {
            return pack == null ? 0 : pack.weight();
        }
    }

    private Loaded tryRead(long number) {
        try {
            return new Loaded(readOnce(number), null);
        } catch (IOException e) {
            return new Loaded(null, e);
        }
    }

    /** Reads a pack without keeping it, on the calling thread. */
    Pack readOnce(long number) throws IOException {
        byte[] encoded = store.get(Table.PACK, key(number));
        if (encoded == null) {
            throw new StoreException(StoreException.Kind.CORRUPT, "pack " + number + " is missing");
        }
        try {
            return Pack.decode(encoded);
        } catch (FormatException e) {
            throw new StoreException(StoreException.Kind.CORRUPT, "pack " + number + ": " + e.getMessage(), e);
        }
    }

    /** Returns the pack that {@link #load} gives, waiting for it. A failure is not remembered. */
    Pack await(long number, Future<Loaded> loading) throws IOException {
        Loaded loaded = await(loading);
        if (loaded.pack() != null) {
            return loaded.pack();
        }
        packs.synchronous().invalidate(number);
        throw Objects.requireNonNull(loaded.failure());
    }

    /** Key of a pack in its table. */
    static byte[] key(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    /** Starts reading a pack, unless it is in memory. */
    CompletableFuture<Loaded> load(long number) throws StoreException {
        try {
            return packs.get(number);
        } catch (RejectedExecutionException e) {
            throw rejected(e);
        }
    }

    /** Returns a copy of the block that is kept there, compared with its id. */
    byte[] block(Sha256 id, BlockLocation location) throws IOException {
        Pack pack = await(location.pack(), load(location.pack()));
        byte[] raw = pack.raw();
        if (location.length() > raw.length - location.offset()
                || !Sha256.hash(raw, location.offset(), location.length()).equals(id)) {
            throw new StoreException(StoreException.Kind.CORRUPT, "block " + id.toHex() + " is not at " + location);
        }
        return Arrays.copyOfRange(raw, location.offset(), location.offset() + location.length());
    }

    /** Finds where blocks are kept: {@code count} ids of 32 bytes each, from id number {@code from} on. */
    CompletableFuture<List<BlockLocation>> locate(byte[] ids, int from, int count) {
        try {
            return onPool(() -> locateNow(ids, from, count));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(rejected(e));
        }
    }

    /** Tells whether a NAR is stored. */
    boolean hasNar(Sha256 narHash) throws IOException {
        try {
            return await(onPool(() -> store.get(Table.NAR, narHash.bytes()) != null));
        } catch (RejectedExecutionException e) {
            throw rejected(e);
        }
    }

    private interface Read<T> {
        T read() throws IOException;
    }

    private <T> CompletableFuture<T> onPool(Read<T> read) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return read.read();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                pool);
    }

    private StoreException rejected(RejectedExecutionException e) {
        String why = pool.isShutdown() ? "the store is closed" : "too many reads are waiting";
        return new StoreException(StoreException.Kind.FAILED, why, e);
    }

    private List<BlockLocation> locateNow(byte[] ids, int from, int count) throws IOException {
        List<byte[]> keys = new ArrayList<>(count);
        for (int i = from; i < from + count; i++) {
            keys.add(Arrays.copyOfRange(ids, i * Sha256.BYTES, (i + 1) * Sha256.BYTES));
        }
        List<byte @Nullable []> values = store.getAll(Table.BLOCK, keys);
        List<BlockLocation> locations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] value = values.get(i);
            if (value == null) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT,
                        "block " + Sha256.of(keys.get(i)).toHex() + " is missing");
            }
            locations.add(BlockLocation.decode(value));
        }
        return locations;
    }

    void readerOpened() {
        readers.incrementAndGet();
    }

    void readerClosed() {
        readers.decrementAndGet();
    }

    /** Packs one reader may read ahead now. */
    int prefetchLimit() {
        return Math.clamp(PREFETCH_BUDGET / Math.max(1, readers.get()), 0, MAX_PREFETCH);
    }

    /** How many reads and decodings wait for a thread. */
    int tasksWaiting() {
        return pool.getQueue().size();
    }

    /** Waits for a result of the pool and unwraps its failure. */
    static <T> T await(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while reading the store");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new StoreException(StoreException.Kind.FAILED, "reading failed: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        pool.shutdown();
        boolean interrupted = false;
        while (!pool.isTerminated()) {
            try {
                pool.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
