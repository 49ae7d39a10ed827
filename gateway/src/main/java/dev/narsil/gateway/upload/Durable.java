package dev.narsil.gateway.upload;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The wait of an upload for what it handed to the store. */
final class Durable {

    /** How long the disk may take; a commit is 64 MiB at most. */
    static final Duration MAX_WAIT = Duration.ofMinutes(5);

    private Durable() {}

    /**
     * Waits until a write is durable, which is hastened.
     *
     * @throws StoreException if it could not be stored, or not in time
     */
    static void await(NarStore store, CompletableFuture<Void> write) throws IOException {
        if (write.isDone() && !write.isCompletedExceptionally()) {
            return;
        }
        store.expedite();
        try {
            var _ = write.get(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new StoreException(StoreException.Kind.FAILED, "storing failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new StoreException(StoreException.Kind.FAILED, "not stored within " + MAX_WAIT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BodyLostException("the server closes");
        }
    }
}
