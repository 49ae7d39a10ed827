package dev.narsil.gateway.download;

import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file being opened at a holder, on a thread of its own, so that nobody need wait for it any longer than it wants. */
final class Opening {

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final CompletableFuture<OpenFile> result = new CompletableFuture<>();

    private Opening() {}

    /** Begins to open a file, as {@link Holder#open} tells. */
    static Opening start(Holder holder, long from, FileVersion expected) {
        Opening opening = new Opening();
        Thread.ofVirtual().name("nar-open").start(() -> opening.open(holder, from, expected));
        return opening;
    }

    private void open(Holder holder, long from, FileVersion expected) {
        try {
            OpenFile file = holder.open(from, expected);
            if (!result.complete(file)) {
                file.in().close();
            }
        } catch (IOException e) {
            if (!result.completeExceptionally(e)) {
                LOG.debug("opening a file that nobody waits for any more", e);
            }
        } finally {
            // whatever else happens, nobody waits for ever
            giveUp();
        }
    }

    /**
     * Waits for the file.
     *
     * @throws IOException if it cannot be opened, or not in time, or this was given up
     */
    OpenFile await(long nanos) throws IOException, InterruptedException {
        try {
            return result.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            var _ = result.completeExceptionally(new IOException("no answer in time", e));
            return await(0);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        }
    }

    /** Ends the wait, by any thread; a file that nobody has waited for by then is closed. */
    void giveUp() {
        var _ = result.completeExceptionally(new IOException("given up"));
    }
}
