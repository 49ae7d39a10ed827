package dev.narsil.gateway.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.listing.ListingException;
import dev.narsil.gateway.listing.NarListing;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code .ls} listings, made from the NAR when they are asked for. */
final class ListingEndpoint implements Endpoint {

    /** Most listings made or sent at a time; each may take {@link NarListing#MAX_LISTING_BYTES}. */
    static final int MAX_LISTINGS_IN_FLIGHT = 4;

    /** Most bytes of listings kept in memory. */
    static final long CACHE_BYTES = 8L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ListingEndpoint.class);
    private static final String CONTENT_TYPE = "application/json";

    private final NarStore store;
    private final StoreThreads storeThreads;
    private final Traffic traffic;
    private final Connections connections;
    private final Duration writeStallTimeout;
    private final LongAdder bytesSent = new LongAdder();
    private final Semaphore permits = new Semaphore(MAX_LISTINGS_IN_FLIGHT);
    private final Cache<Sha256, Document> listings = Caffeine.newBuilder()
            .maximumWeight(CACHE_BYTES)
            .weigher((Sha256 narHash, Document listing) -> (int) listing.weight())
            .build();

    ListingEndpoint(
            NarStore store,
            StoreThreads storeThreads,
            Traffic traffic,
            Connections connections,
            Duration writeStallTimeout) {
        this.writeStallTimeout = writeStallTimeout;
        this.store = store;
        this.storeThreads = storeThreads;
        this.traffic = traffic;
        this.connections = connections;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        String digestText = target.name();
        Digest digest;
        try {
            digest = Digest.parse(digestText);
        } catch (IllegalArgumentException e) {
            Reply.notFound(request, "not a digest: " + e.getMessage());
            return;
        }
        if (!permits.tryAcquire()) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many listings at a time");
            return;
        }
        BodyWriter body = new BodyWriter(request.response(), context, writeStallTimeout, bytesSent);
        HttpConnection connection = request.connection();
        connections.responseBegan(connection);
        Answering.run(request, Thread.ofVirtual().name("ls-" + digestText)::start, () -> {
            try (body) {
                answer(request, body, digest);
            } finally {
                connections.responseEnded(connection);
                permits.release();
            }
        });
    }

    private void answer(HttpServerRequest request, BodyWriter body, Digest digest) {
        try {
            Optional<PathInfo> info = storeThreads.call(() -> store.path(digest));
            if (info.isEmpty()) {
                Reply.notFound(request, "no such path");
                return;
            }
            Sha256 narHash = info.get().narHash();
            Document listing = listings.getIfPresent(narHash);
            if (listing == null) {
                listing = make(narHash);
                listings.put(narHash, listing);
            }
            if (Reply.isHead(request)) {
                listing.send(request.response(), true);
            } else {
                listing.sendSlowly(request.response(), body);
            }
        } catch (ListingException e) {
            Reply.notFound(request, String.valueOf(e.getMessage()));
        } catch (ClientLostException e) {
            (e.isStalled() ? traffic.stalledResponses : traffic.lostResponses).increment();
            LOG.debug("listing of {} for {}: {}", digest, request.remoteAddress(), e.getMessage());
            Connections.reset(request.connection());
        } catch (IOException e) {
            LOG.error("no listing of {}: {}", digest, e.getMessage());
            Reply.notFound(request, "the NAR cannot be read");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Connections.reset(request.connection());
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many requests at a time");
        }
    }

    private Document make(Sha256 narHash) throws IOException, InterruptedException {
        Optional<NarReader> opened = storeThreads.call(() -> store.openNar(narHash));
        if (opened.isEmpty()) {
            throw new ListingException("no listing: the NAR is not stored");
        }
        try (NarReader reader = opened.get()) {
            return Document.of(CONTENT_TYPE, NarListing.of(reader));
        }
    }
}
