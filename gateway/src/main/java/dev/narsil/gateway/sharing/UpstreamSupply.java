package dev.narsil.gateway.sharing;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The paths of the upstreams of a running server, by its downloads. */
public final class UpstreamSupply implements PathSupply {

    /** Time for one NAR to come and to be stored; a download that stalls ends earlier by itself. */
    static final Duration NAR_TIME = Duration.ofHours(2);

    private static final Duration WRITE_TIME = Duration.ofMinutes(2);

    private final NarStore store;
    private final Upstreams upstreams;
    private final NarDownloads downloads;

    /** Those that {@code upstreams} have, into {@code store}. */
    public UpstreamSupply(NarStore store, Upstreams upstreams, NarDownloads downloads) {
        this.store = store;
        this.upstreams = upstreams;
        this.downloads = downloads;
    }

    @Override
    public CompletableFuture<Optional<PathInfo>> find(Digest digest) {
        return upstreams.narInfo(digest).thenApply(found -> found.map(NarInfo::pathInfo));
    }

    @Override
    public void bring(PathInfo info) throws IOException, InterruptedException {
        if (store.storedNarSize(info.narHash()).isEmpty() && !downloads.bring(info.narHash(), NAR_TIME)) {
            throw new IOException("no upstream has its NAR now");
        }
        if (store.path(info.path().digest()).isEmpty()) {
            publish(info);
        }
    }

    /** Makes a path known whose NAR came with another path. */
    private void publish(PathInfo info) throws IOException, InterruptedException {
        CompletableFuture<Void> published = store.publish(info, PathMerge::keeping);
        try {
            published.get(WRITE_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new IOException("the store takes too long", e);
        }
    }
}
