package dev.narsil.gateway.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves narinfos: rendered ones on the event loop, others after a look into the store. Absence is never remembered.
 */
final class NarInfoEndpoint implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(NarInfoEndpoint.class);
    private static final String CONTENT_TYPE = "text/x-nix-narinfo";

    private final NarStore store;
    private final Traffic traffic;
    private final StoreThreads storeThreads;
    private final Cache<String, Document> rendered;

    NarInfoEndpoint(NarStore store, Traffic traffic, StoreThreads storeThreads, long cacheBytes) {
        this.store = store;
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
            traffic.narInfosServed.increment();
            narInfo.send(request.response(), head);
            return;
        }
        try {
            storeThreads.execute(() -> look(request, head, digestText));
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many requests at a time");
        }
    }

    private void look(HttpServerRequest request, boolean head, String digestText) {
        try {
            Digest digest = Digest.parse(digestText);
            Document narInfo = rendered.asMap().computeIfAbsent(digestText, key -> render(digest));
            if (narInfo == null) {
                Reply.notFound(request, "no such path");
                return;
            }
            traffic.narInfosServed.increment();
            narInfo.send(request.response(), head);
        } catch (IllegalArgumentException e) {
            Reply.notFound(request, "not a digest: " + e.getMessage());
        } catch (UncheckedIOException e) {
            fail(request, digestText, Objects.requireNonNull(e.getCause()));
        }
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
            return store.path(digest)
                    .map(info -> Document.of(CONTENT_TYPE, NarInfo.of(info).printBytes(store.storeDir())))
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
