package dev.narsil.gateway.download;

import dev.narsil.blockstore.IngestedNar;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
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

    private void ingest() throws IOException, InterruptedException {
        SpooledNar nar = download.nar();
        DownloadReader reader = nar.join(0, nar.size(), false);
        if (reader == null) {
            throw new IOException("the spool file is gone");
        }
        try (reader;
                NarIngest ingest = store.ingest(download.narHash(), nar.size())) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                ingest.write(slice.array(), slice.offset(), slice.length());
            }
            IngestedNar ingested = ingest.finish();
            if (ingested.opaqueReason() != null) {
                LOG.info(
                        "NAR {} is not as Nix writes it, and stored as plain bytes: {}",
                        download.narHash(),
                        ingested.opaqueReason());
            }
        }
    }

    /** Publishes the paths that have the NAR; where nothing comes of that, it is kept without one. */
    private CompletableFuture<Void> publish() throws IOException {
        Map<Digest, PathInfo> paths = new LinkedHashMap<>();
        for (Holder holder : download.holders()) {
            PathInfo info = holder.narInfo().pathInfo();
            paths.putIfAbsent(info.path().digest(), info);
        }
        List<CompletableFuture<Void>> durable = new ArrayList<>();
        AtomicBoolean claimed = new AtomicBoolean();
        for (PathInfo info : paths.values()) {
            durable.add(store.publish(info, (known, published) -> {
                PathInfo wanted = PathMerge.keeping(known, published);
                if (!wanted.equals(known) && wanted.narHash().equals(download.narHash())) {
                    claimed.set(true);
                }
                return wanted;
            }));
        }
        if (!claimed.get()) {
            durable.add(store.keep(download.narHash(), Instant.now(), List.of()));
        }
        return CompletableFuture.allOf(durable.toArray(new CompletableFuture<?>[0]));
    }

    private void ended(@Nullable Throwable failure) {
        if (failure == null) {
            counters.stored.increment();
        } else {
            counters.notStored.increment();
            LOG.error("NAR {} was downloaded but is not stored: {}", download.narHash(), failure.getMessage());
        }
        onEnd.run();
    }
}
