package dev.narsil.gateway.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.ipfs.ToldCids;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.path.Digest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves narinfos: rendered ones on the event loop, others after a look into the store, and what the store does not have
 * from the upstreams. Only what is stored is kept rendered; absence is never.
 */
final class NarInfoEndpoint implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(NarInfoEndpoint.class);
    private static final String CONTENT_TYPE = "text/x-nix-narinfo";

    /** How long clients that honour it may keep a narinfo, and for how long the absence of one. */
    private static final String KEEP = "public, max-age=3600";

    private static final String KEEP_ABSENCE = "max-age=30";

    private final NarStore store;
    private final @Nullable Upstreams upstreams;
    private final ToldCids cids;
    private final Traffic traffic;
    private final StoreThreads storeThreads;
    private final Cache<String, Document> rendered;

    NarInfoEndpoint(
            NarStore store,
            @Nullable Upstreams upstreams,
            ToldCids cids,
            Traffic traffic,
            StoreThreads storeThreads,
            long cacheBytes) {
        this.store = store;
        this.upstreams = upstreams;
        this.cids = cids;
        this.traffic = traffic;
        this.storeThreads = storeThreads;
        rendered = Caffeine.newBuilder()
                .maximumWeight(cacheBytes)
                .weigher((String digest, Document narInfo) -> (int) narInfo.weight())
                .executor(Runnable::run)
                .build();
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        boolean head = Reply.isHead(request);
        String digestText = target.name();
        Document narInfo = rendered.getIfPresent(digestText);
        if (narInfo != null) {
            traffic.narInfosFromMemory.increment();
            narInfo.send(request.response(), head);
            return;
        }
        try {
            Answering.run(request, storeThreads, () -> look(request, head, digestText));
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many requests at a time");
        }
    }

    /** Has the narinfo of a path rendered anew the next time; to be called when what the store says of it is visible. */
    void forget(String digestText) {
        rendered.invalidate(digestText);
    }

    private void look(HttpServerRequest request, boolean head, String digestText) {
        try {
            Digest digest = Digest.parse(digestText);
            Document narInfo = rendered.asMap().computeIfAbsent(digestText, key -> render(digest));
            if (narInfo != null) {
                traffic.narInfosFromStore.increment();
                narInfo.send(request.response(), head);
            } else if (upstreams == null) {
                notFound(request);
            } else {
                Answering.watch(request, upstreams.narInfo(digest).thenAccept(found -> pass(request, head, found)));
            }
        } catch (IllegalArgumentException e) {
            Reply.notFound(request, "not a digest: " + e.getMessage());
        } catch (UncheckedIOException e) {
            fail(request, digestText, Objects.requireNonNull(e.getCause()));
        }
    }

    private void pass(HttpServerRequest request, boolean head, Optional<NarInfo> found) {
        if (found.isEmpty()) {
            notFound(request);
        } else {
            traffic.narInfosFromUpstreams.increment();
            document(NarInfo.of(found.get().pathInfo())).send(request.response(), head);
        }
    }

    private void notFound(HttpServerRequest request) {
        traffic.narInfosMissed.increment();
        request.response().putHeader(HttpHeaderNames.CACHE_CONTROL, KEEP_ABSENCE);
        Reply.notFound(request, "no such path");
    }

    /** Answers 404 for a record that is wrong, so that Nix asks elsewhere, and 503 for trouble that may pass. */
    private static void fail(HttpServerRequest request, String digestText, IOException e) {
        LOG.error("narinfo {} cannot be read: {}", digestText, e.getMessage());
        if (NarResponse.isCorrupt(e)) {
            Reply.notFound(request, "what is known of the path cannot be read");
        } else {
            Reply.busy(request, "the store has trouble");
        }
    }

    private @Nullable Document render(Digest digest) {
        try {
            PathInfo info = store.path(digest).orElse(null);
            if (info == null) {
                return null;
            }
            if (upstreams != null) {
                upstreams.prefetch(info.references());
            }
            NarInfo narInfo = NarInfo.of(info);
            return document(cids.of(info).map(narInfo::withCids).orElse(narInfo));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Document document(NarInfo narInfo) {
        return Document.of(CONTENT_TYPE, narInfo.printBytes(store.storeDir()), KEEP);
    }
}
