package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.download.DownloadReader;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.download.NarOffer;
import dev.narsil.rewrite.hash.Sha256;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts a virtual thread for each request for a NAR, up to a bound. NARs that are not stored are downloaded; what clients
 * uploaded compressed is served from the NAR in that compression.
 */
final class NarEndpoint implements Endpoint {

    /** The most of all responses that may wait for upstreams, so that what is stored is served whatever they do. */
    private static final double SHARE_OF_DOWNLOADS = 0.75;

    private final NarStore store;
    private final @Nullable NarDownloads downloads;
    private final AliasFiles aliases;
    private final StoreThreads storeThreads;
    private final Traffic traffic;
    private final Connections connections;
    private final Duration writeStallTimeout;
    private final int maxInFlight;
    private final Semaphore permits;
    private final Semaphore downloadPermits;

    NarEndpoint(
            Services services,
            StoreThreads storeThreads,
            Traffic traffic,
            Connections connections,
            ServerOptions options) {
        store = services.store();
        downloads = services.downloads();
        aliases = new AliasFiles(store, storeThreads);
        this.storeThreads = storeThreads;
        this.traffic = traffic;
        this.connections = connections;
        writeStallTimeout = options.timeouts().write();
        maxInFlight = options.limits().downloads();
        permits = new Semaphore(maxInFlight);
        downloadPermits = new Semaphore(Math.max(1, (int) (maxInFlight * SHARE_OF_DOWNLOADS)));
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
        Sha256 hash;
        try {
            hash = Sha256.parseBase32(target.name());
        } catch (IllegalArgumentException e) {
            Reply.notFound(request, "not a hash: " + e.getMessage());
            return;
        }
        String suffix = target.suffix();
        if (suffix.isEmpty()) {
            Upstreamed turn = new Upstreamed();
            serve(request, context, "NAR " + hash, () -> find(hash, turn), turn);
        } else {
            serve(request, context, "NAR file " + hash + suffix, () -> aliases.find(hash, suffix), new Upstreamed());
        }
    }

    /** The permit of one response to wait for upstreams. Used by one thread. */
    private final class Upstreamed {

        private boolean taken;

        /**
         * Takes the permit, if this response has not.
         *
         * @throws RejectedExecutionException if there is none
         */
        void take() {
            if (!taken && !downloadPermits.tryAcquire()) {
                throw new RejectedExecutionException("too many responses wait for upstreams");
            }
            taken = true;
        }

        void giveBack() {
            if (taken) {
                downloadPermits.release();
            }
        }
    }

    /** Serves the file that {@code lookup} finds, on a thread of its own, if there is room. */
    void serve(HttpServerRequest request, Context context, String name, NarFile.Lookup lookup) {
        serve(request, context, name, lookup, new Upstreamed());
    }

    /** Finds a NAR that is stored. */
    Optional<NarFile> stored(Sha256 narHash) throws IOException, InterruptedException {
        return storeThreads.call(() -> look(narHash));
    }

    private Optional<NarFile> look(Sha256 narHash) throws IOException {
        return store.renew(narHash, Instant.now(), List.of()).map(nar -> new StoredNar(narHash, nar.narSize()));
    }

    private void serve(
            HttpServerRequest request, Context context, String name, NarFile.Lookup lookup, Upstreamed upstreamed) {
        if (!permits.tryAcquire()) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many downloads at a time");
            return;
        }
        BodyWriter body = new BodyWriter(request.response(), context, writeStallTimeout, traffic.narBytesSent);
        NarResponse response = new NarResponse(lookup, traffic, name, request, body);
        HttpConnection connection = request.connection();
        connections.responseBegan(connection);
        Thread.ofVirtual().name("response").start(() -> {
            try {
                response.run();
            } finally {
                connections.responseEnded(connection);
                upstreamed.giveBack();
                permits.release();
            }
        });
    }

    /**
     * Finds a NAR: one that is being downloaded, a stored one, the file of that name that a client uploaded, or one that
     * upstreams have.
     */
    private Optional<NarFile> find(Sha256 narHash, Upstreamed upstreamed) throws IOException, InterruptedException {
        NarDownloads remote = downloads;
        if (remote == null) {
            return here(narHash);
        }
        Optional<NarOffer> running = remote.running(narHash);
        Optional<NarFile> found = running.isPresent() ? Optional.empty() : here(narHash);
        if (found.isPresent()) {
            remote.wasStored();
            return found;
        }
        upstreamed.take();
        Optional<NarOffer> offer = running.isPresent() ? running : remote.offer(narHash);
        return offer.map(offered -> new OfferedNar(narHash, offered, remote));
    }

    private Optional<NarFile> here(Sha256 hash) throws IOException, InterruptedException {
        return storeThreads.call(() -> {
            Optional<NarFile> stored = look(hash);
            return stored.isPresent() ? stored : aliases.look(hash, "");
        });
    }

    /** Whether a client that asks for the rest of a NAR may have got a wrong beginning of it. */
    private boolean isDoubtfulRest(Sha256 narHash, long from) {
        return from > 0 && downloads != null && downloads.isDoubtful(narHash);
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
        public EntityTag tag() {
            return EntityTag.of(narHash);
        }

        @Override
        public Optional<NarBody> open(long from, long length) throws IOException, InterruptedException {
            boolean unsettled = from > 0 && downloads != null && downloads.isUnsettled(narHash);
            if (unsettled || isDoubtfulRest(narHash, from)) {
                return Optional.empty();
            }
            return storeThreads
                    .call(() -> length == size ? store.openNar(narHash) : store.openRange(narHash, from, length))
                    .map(NarBody::of);
        }
    }

    private final class OfferedNar implements NarFile {

        private final Sha256 narHash;
        private final NarOffer offer;
        private final NarDownloads remote;

        OfferedNar(Sha256 narHash, NarOffer offer, NarDownloads remote) {
            this.narHash = narHash;
            this.offer = offer;
            this.remote = remote;
        }

        @Override
        public long size() {
            return offer.narSize();
        }

        @Override
        public EntityTag tag() {
            return EntityTag.of(narHash);
        }

        @Override
        public Optional<NarBody> open(long from, long length) throws IOException, InterruptedException {
            return open(from, length, _ -> {});
        }

        @Override
        public Optional<NarBody> open(long from, long length, Consumer<Runnable> whenLost)
                throws IOException, InterruptedException {
            if (isDoubtfulRest(narHash, from)) {
                return Optional.empty();
            }
            Optional<DownloadReader> reader = offer.open(from, length, whenLost);
            if (reader.isPresent()) {
                return reader.map(NarBody::of);
            }
            Optional<NarBody> stored = new StoredNar(narHash, size()).open(from, length);
            if (stored.isPresent()) {
                return stored;
            }
            Optional<NarOffer> other = remote.offer(narHash).filter(again -> again.narSize() == size());
            return other.isPresent() ? other.get().open(from, length, whenLost).map(NarBody::of) : Optional.empty();
        }
    }
}
