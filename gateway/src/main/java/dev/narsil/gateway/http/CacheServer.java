package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.metrics.StoreFigures;
import dev.narsil.gateway.upload.ObjectKind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running HTTP server that serves a store as a binary cache. */
public final class CacheServer implements AutoCloseable {

    /** Longest request line, in bytes; the longest one that names anything has 75. */
    static final int MAX_REQUEST_LINE_BYTES = 4 << 10;

    /** Longest headers of one request, in bytes. */
    static final int MAX_HEADER_BYTES = 16 << 10;

    /** How long starting, and each step of closing after the responses ended, may take. */
    static final Duration STEP_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(CacheServer.class);
    private static final int ACCEPT_BACKLOG = 1024;
    private static final String JSON = "application/json";

    private final Vertx vertx;
    private final StoreThreads storeThreads = new StoreThreads();
    private final Traffic traffic = new Traffic();
    private final Metrics metrics = new Metrics();
    private final StoreFigures figures;
    private final Connections connections;
    private final NarEndpoint nars;
    private final NarInfoEndpoint narInfos;
    private final @Nullable UploadEndpoint uploads;
    private final Dispatcher dispatcher;
    private final ServerOptions options;
    private final List<Listener> listeners = new ArrayList<>();
    private final Semaphore largeObjects = new Semaphore(ObjectEndpoint.MAX_LARGE_IN_FLIGHT);
    private final AtomicBoolean closed = new AtomicBoolean();

    private CacheServer(Services services, ServerOptions options) {
        this.options = options;
        connections = new Connections(options.idleTimeout());
        nars = new NarEndpoint(services, storeThreads, traffic, connections, options);
        narInfos = new NarInfoEndpoint(
                services.store(), services.upstreams(), traffic, storeThreads, options.narInfoCacheBytes());
        uploads = services.uploads() == null
                ? null
                : new UploadEndpoint(services.uploads(), connections, traffic, narInfos::forget);
        dispatcher = new Dispatcher(connections, reads(services), uploads == null ? Map.of() : uploads.writes());
        traffic.register(metrics);
        storeThreads.register(metrics);
        metrics.gauge("narsil.connections", "Open connections", connections::count);
        ServiceMeters.register(services, metrics);
        figures = StoreFigures.register(services.store(), metrics);
        ServerMeters meters = new ServerMeters(metrics);
        VertxOptions vertxOptions = new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
                .setWorkerPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        vertx = Vertx.builder().with(vertxOptions).withMetrics(same -> meters).build();
    }

    private Map<Route, Endpoint> reads(Services services) {
        NarStore store = services.store();
        Document cacheInfo = FrontPage.cacheInfo(store.storeDir(), options.priority());
        Map<Route, Endpoint> reads = new EnumMap<>(Route.class);
        reads.put(Route.ROOT, document(request -> FrontPage.page(store.storeDir(), request)));
        reads.put(Route.CACHE_INFO, document(request -> cacheInfo));
        reads.put(Route.HEALTH, document(request -> Document.of(JSON, counters().toJson())));
        reads.put(Route.METRICS, new MetricsEndpoint(metrics, storeThreads));
        reads.put(Route.NAR_INFO, narInfos);
        reads.put(Route.NAR, nars);
        Endpoint listings = new ListingEndpoint(store, storeThreads, traffic, connections, options.writeStallTimeout());
        reads.put(Route.LISTING, object(store, ObjectKind.LISTING, listings));
        reads.put(Route.LOG, object(store, ObjectKind.LOG, null));
        reads.put(Route.REALISATION, object(store, ObjectKind.REALISATION, null));
        reads.put(Route.BUILD_TRACE, object(store, ObjectKind.BUILD_TRACE, null));
        reads.put(Route.DEBUG_INFO, object(store, ObjectKind.DEBUG_INFO, null));
        return reads;
    }

    private Endpoint object(NarStore store, ObjectKind kind, @Nullable Endpoint otherwise) {
        return new ObjectEndpoint(
                store, kind, otherwise, storeThreads, traffic, connections, options.writeStallTimeout(), largeObjects);
    }

    private static Endpoint document(Function<HttpServerRequest, Document> document) {
        return (request, context, target) -> document.apply(request).send(request.response(), Reply.isHead(request));
    }

    /** Starts serving {@code store} alone, to be read. */
    public static CacheServer start(NarStore store, ServerOptions options) throws IOException {
        return start(Services.of(store), options);
    }

    /**
     * Starts serving.
     *
     * @throws IOException if the address cannot be listened on
     */
    public static CacheServer start(Services services, ServerOptions options) throws IOException {
        CacheServer server = new CacheServer(services, options);
        boolean listening = false;
        try {
            server.listen();
            listening = true;
        } finally {
            if (!listening) {
                server.close();
            }
        }
        return server;
    }

    /** The address it listens on, with the actual port. */
    public InetSocketAddress address() {
        return new InetSocketAddress(options.host(), listeners.getFirst().port());
    }

    /** What it has done so far. */
    public ServerCounters counters() {
        return traffic.snapshot(nars.inFlight(), connections.count());
    }

    /**
     * Stops accepting, lets responses in progress end within the shutdown time-out, then resets what is left.
     * Afterwards nothing uses the store any more.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        long millis = options.shutdownTimeout().toMillis();
        try {
            settle(Future.join(listeners.stream().map(l -> l.shutdown(millis)).toList()), options.shutdownTimeout());
            connections.resetAll();
            if (!nars.awaitIdle(STEP_TIMEOUT)) {
                LOG.warn("{} downloads did not end in time", nars.inFlight());
            }
            if (uploads != null && !uploads.close(STEP_TIMEOUT)) {
                LOG.warn("uploads did not end in time");
            }
            settle(vertx.close(), STEP_TIMEOUT);
            figures.close();
            metrics.close();
            if (!storeThreads.close(STEP_TIMEOUT)) {
                LOG.warn("look-ups did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            storeThreads.abandon();
        }
    }

    private void listen() throws IOException {
        HttpServerOptions http = new HttpServerOptions()
                .setHost(options.host())
                .setTcpNoDelay(true)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(false)
                .setCompressionSupported(false);
        // a negative port is a free one that all event loops share
        http.setPort(options.port() == 0 ? -1 : options.port());
        int loops = Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < loops; i++) {
            listeners.add(new Listener(http, dispatcher, connections));
        }
        Future<?> deployed =
                Future.all(listeners.stream().map(vertx::deployVerticle).toList());
        try {
            deployed.toCompletionStage().toCompletableFuture().get(STEP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(
                    "cannot listen on " + options.host() + ":" + options.port() + ": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("cannot listen on " + options.host() + ":" + options.port() + " in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting to listen", e);
        }
        vertx.setPeriodic(Connections.SWEEP_INTERVAL.toMillis(), id -> connections.sweep());
    }

    private static void settle(Future<?> future, Duration timeout) throws InterruptedException {
        try {
            future.toCompletionStage()
                    .toCompletableFuture()
                    .get(timeout.plus(STEP_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("closing: {}", e.toString());
        }
    }
}
