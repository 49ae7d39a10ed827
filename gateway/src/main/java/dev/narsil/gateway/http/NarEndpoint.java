package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.rewrite.hash.Sha256;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Starts a virtual thread for each request for a NAR, up to a bound. */
final class NarEndpoint implements Endpoint {

    private final NarStore store;
    private final StoreThreads storeThreads;
    private final Traffic traffic;
    private final Connections connections;
    private final Duration writeStallTimeout;
    private final int maxInFlight;
    private final Semaphore permits;

    NarEndpoint(
            NarStore store,
            StoreThreads storeThreads,
            Traffic traffic,
            Connections connections,
            ServerOptions options) {
        this.store = store;
        this.storeThreads = storeThreads;
        this.traffic = traffic;
        this.connections = connections;
        writeStallTimeout = options.timeouts().write();
        maxInFlight = options.limits().downloads();
        permits = new Semaphore(maxInFlight);
    }

    int inFlight() {
        return maxInFlight - permits.availablePermits();
    }

    /** Waits until no response is in progress; returns false if some still is at the end of {@code timeout}. */
    boolean awaitIdle(Duration timeout) throws InterruptedException {
        if (!permits.tryAcquire(maxInFlight, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        permits.release(maxInFlight);
        return true;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        String hashText = target.name();
        if (!target.suffix().isEmpty()) {
            Reply.notFound(request, "no such file");
            return;
        }
        Sha256 narHash;
        try {
            narHash = Sha256.parseBase32(hashText);
        } catch (IllegalArgumentException e) {
            Reply.notFound(request, "not a hash: " + e.getMessage());
            return;
        }
        serve(request, context, "NAR " + narHash, EntityTag.of(narHash), () -> stored(narHash));
    }

    /**
     * Serves the file that {@code lookup} finds, on a thread of its own.
     *
     * @param name what the file is called in messages
     */
    void serve(HttpServerRequest request, Context context, String name, EntityTag tag, NarFile.Lookup lookup) {
        if (!permits.tryAcquire()) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many downloads at a time");
            return;
        }
        BodyWriter body = new BodyWriter(request.response(), context, writeStallTimeout, traffic.narBytesSent);
        NarResponse response = new NarResponse(lookup, traffic, name, tag, request, body);
        HttpConnection connection = request.connection();
        connections.responseBegan(connection);
        Thread.ofVirtual().name("response").start(() -> {
            try {
                response.run();
            } finally {
                connections.responseEnded(connection);
                permits.release();
            }
        });
    }

    private Optional<NarFile> stored(Sha256 narHash) throws IOException, InterruptedException {
        return storeThreads.call(() -> store.storedNarSize(narHash)).map(size -> new StoredNar(narHash, size));
    }

    private final class StoredNar implements NarFile {

        private final Sha256 narHash;
        private final long size;

        StoredNar(Sha256 narHash, long size) {
            this.narHash = narHash;
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public Optional<NarBody> open(long from, long length) throws IOException, InterruptedException {
            return storeThreads
                    .call(() -> length == size ? store.openNar(narHash) : store.openRange(narHash, from, length))
                    .map(NarBody::of);
        }
    }
}
