package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.NarStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Writes of records for which the writer waits. */
public final class DurableWrite {

    private DurableWrite() {}

    /** Stores records; returns when they are durable, all or none. */
    public static void of(NarStore store, List<Entry> records) throws IOException {
        CompletableFuture<Void> written = store.write(records);
        store.expedite();
        try {
            written.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
    }
}
