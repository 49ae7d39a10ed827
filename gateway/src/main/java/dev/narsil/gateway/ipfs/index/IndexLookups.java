package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up what followed indexes say, on threads that may call native code. Safe for use by many threads. */
public final class IndexLookups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IndexLookups.class);
    private static final int THREADS = 2;
    private static final int MAX_WAITING = 4096;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final IndexTable table;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("index-lookup-", 0).daemon().factory());

    /** Of the subscriptions of a store, which must stay open until this is closed. */
    public IndexLookups(NarStore store) {
        this.table = new IndexTable(store);
    }

    NarStore store() {
        return table.store();
    }

    /**
     * What an index says of a path.
     *
     * @param keys of which one has signed the index
     */
    record Claim(IndexEntry entry, List<PublicKey> keys) {}

    /** Reads the store. */
    private interface Lookup<T> {
        T get() throws IOException;
    }

    /** Returns what indexes say of a path; never blocks. */
    CompletableFuture<List<Claim>> claims(Digest path) {
        return call(() -> {
            List<Claim> claims = new ArrayList<>();
            Map<Integer, IndexEntry> entries = table.find(path);
            if (!entries.isEmpty()) {
                Map<Integer, FollowedIndex> subscriptions = table.subscriptions();
                entries.forEach((number, entry) -> {
                    FollowedIndex subscription = subscriptions.get(number);
                    if (subscription != null) {
                        claims.add(new Claim(entry, subscription.keys()));
                    }
                });
            }
            return claims;
        });
    }

    /** Returns what each index says is the CID of a NAR; never blocks. */
    CompletableFuture<List<Cid>> roots(Sha256 narHash) {
        return call(() -> table.roots(narHash));
    }

    /** Returns the keys of all subscriptions. Calls native code. */
    List<PublicKey> keys() throws IOException {
        return table.subscriptions().values().stream()
                .flatMap(subscription -> subscription.keys().stream())
                .toList();
    }

    private <T> CompletableFuture<T> call(Lookup<T> lookup) {
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return lookup.get();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new IOException("too many look-ups, or closing", e));
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("look-ups in indexes did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
