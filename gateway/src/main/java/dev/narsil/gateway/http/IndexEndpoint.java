package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.index.IndexSource;
import dev.narsil.gateway.ipfs.index.OwnIndex;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the blocks of the index that the store publishes. */
final class IndexEndpoint implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(IndexEndpoint.class);
    private static final String BLOCK = "application/vnd.ipld.raw";
    private static final String KEEP_ROOT = "public, max-age=60";
    private static final String KEEP_SHARD = "public, max-age=31536000, immutable";
    private static final int NOT_MODIFIED = 304;

    private final OwnIndex index;
    private final StoreThreads storeThreads;
    private final Traffic traffic;

    IndexEndpoint(NarStore store, StoreThreads storeThreads, Traffic traffic) {
        this.index = new OwnIndex(store);
        this.storeThreads = storeThreads;
        this.traffic = traffic;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        try {
            Answering.run(request, storeThreads, () -> answer(request, target.name()));
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many requests at a time");
        }
    }

    private void answer(HttpServerRequest request, String name) {
        try {
            if (name.equals(IndexSource.ROOT)) {
                Optional<OwnIndex.Root> root = index.root();
                if (root.isPresent()) {
                    send(request, root.get().cid(), root.get().block(), KEEP_ROOT);
                } else {
                    Reply.notFound(request, "no index is published here");
                }
                return;
            }
            Cid cid = Cid.parse(name);
            Optional<byte[]> shard = index.shard(cid);
            if (shard.isPresent()) {
                send(request, cid, shard.get(), KEEP_SHARD);
            } else {
                Reply.notFound(request, "not a block of the index");
            }
        } catch (FormatException e) {
            Reply.notFound(request, "not a block of the index");
        } catch (IOException e) {
            LOG.error("the index cannot be read: {}", e.getMessage());
            Reply.busy(request, "the store has trouble");
        }
    }

    private static void send(HttpServerRequest request, Cid cid, byte[] block, String keep) {
        EntityTag tag = new EntityTag("\"" + cid + "\"");
        if (tag.isListedIn(request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH))) {
            request.response()
                    .putHeader(HttpHeaderNames.ETAG, tag.value())
                    .putHeader(HttpHeaderNames.CACHE_CONTROL, keep)
                    .setStatusCode(NOT_MODIFIED)
                    .end();
        } else {
            Document.of(BLOCK, block, keep, tag).send(request.response(), Reply.isHead(request));
        }
    }
}
