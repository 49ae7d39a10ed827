package dev.narsil.gateway.download;

import dev.narsil.blockstore.IngestedNar;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a NAR from its spool file into the store and publishes its paths. Runs on a platform thread. */
final class Storing implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Storing.class);

    private final Download download;
    private final NarStore store;
    private final DownloadCounters counters;
    private final Runnable onEnd;

    /** A run that calls {@code onEnd} when the NAR is durable, or cannot be stored. */
    Storing(Download download, NarStore store, DownloadCounters counters, Runnable onEnd) {
        this.download = download;
        this.store = store;
        this.counters = counters;
        this.onEnd = onEnd;
    }

    @Override
    public void run() {
        boolean pending = false;
        try {
            ingest();
            CompletableFuture<?> durable = publish();
            pending = true;
            var _ = durable.whenComplete((done, failure) -> ended(failure));
        } catch (IOException e) {
            ended(e);
            pending = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!pending) {
                ended(new IOException("not foreseen"));
            }
        }
    }
}
