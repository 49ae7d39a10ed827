package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.ipfs.ToldCids;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.metrics.StoreFigures;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.upload.ObjectKind;
import dev.narsil.rewrite.path.Digest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running HTTP server that serves a store as a binary cache. */
public final class CacheServer implements AutoCloseable {

    /** How long each step of closing after the responses ended may take. */
    static final Duration STEP_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(CacheServer.class);
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
    private final NarStore store;
    private final Consumer<Digest> pathChanged;
    private final ServerOptions options;
    private final Listeners listeners;
    private final Semaphore largeObjects = new Semaphore(ObjectEndpoint.MAX_LARGE_IN_FLIGHT);
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean listening;

    private CacheServer(Services services, ServerOptions options) {
        this.options = options;
        connections = new Connections(
                options.limits().connections(), options.timeouts().idle());
        nars = new NarEndpoint(services, storeThreads, traffic, connections, options);
        narInfos = new NarInfoEndpoint(
                services.store(),
                services.upstreams(),
                new ToldCids(
                        services.store(),
                        services.sharing() == null ? null : services.sharing().paths()),
                traffic,
                storeThreads,
                options.limits().narInfoCacheBytes());
        pathChanged = digest -> narInfos.forget(digest.toString());
        uploads = services.uploads() == null ? null : new UploadEndpoint(services.uploads(), connections, traffic);
        store = services.store();
        store.addPathListener(pathChanged);
        Dispatcher dispatcher = new Dispatcher(
                connections,
                new RequestLimit(options.limits().requests()),
                services.access(),
                options.listen().basePath(),
                reads(services),
                uploads == null ? Map.of() : uploads.writes());
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
        listeners = new Listeners(vertx, options, dispatcher, connections);
    }

    private Map<Route, Endpoint> reads(Services services) {
        Services.Sharing sharing = services.sharing();
        PinService pins = services.pins();
        Document cacheInfo = FrontPage.cacheInfo(store.storeDir(), options.priority());
        Map<Route, Endpoint> reads = new EnumMap<>(Route.class);
        reads.put(
                Route.ROOT,
                document(request ->
                        FrontPage.page(store.storeDir(), options.listen().basePath(), request)));
        reads.put(Route.CACHE_INFO, document(request -> cacheInfo));
        reads.put(Route.HEALTH, document(request -> Document.of(JSON, counters().toJson())));
        reads.put(Route.METRICS, new MetricsEndpoint(metrics, storeThreads));
        reads.put(Route.READY, (request, context, target) -> ready(request));
        reads.put(Route.NAR_INFO, narInfos);
        reads.put(Route.NAR, nars);
        Endpoint listings = new ListingEndpoint(
                store, storeThreads, traffic, connections, options.timeouts().write());
        reads.put(Route.LISTING, object(store, ObjectKind.LISTING, listings));
        reads.put(Route.LOG, object(store, ObjectKind.LOG, null));
        reads.put(Route.REALISATION, object(store, ObjectKind.REALISATION, null));
        reads.put(Route.BUILD_TRACE, object(store, ObjectKind.BUILD_TRACE, null));
        reads.put(Route.DEBUG_INFO, object(store, ObjectKind.DEBUG_INFO, null));
        reads.put(Route.INDEX, new IndexEndpoint(store, storeThreads, traffic));
        if (sharing != null) {
            Endpoint byContent = new ContentEndpoint(store, sharing.paths(), nars, storeThreads);
            reads.put(Route.NAR_BY_HASH, byContent);
            reads.put(Route.RASL, byContent);
            reads.put(Route.IPFS, byContent);
            reads.put(Route.PROVIDERS, new ProvidersEndpoint(sharing, storeThreads, traffic));
        }
        if (pins != null) {
            reads.put(Route.PINS, new PinsEndpoint(pins, services.access(), storeThreads, traffic));
        }
        return reads;
    }

    private Endpoint object(NarStore store, ObjectKind kind, @Nullable Endpoint otherwise) {
        return new ObjectEndpoint(
                store,
                kind,
                otherwise,
                storeThreads,
                traffic,
                connections,
                options.timeouts().write(),
                largeObjects);
    }

    /** Tells whether a load balancer is to send clients here. */
    private void ready(HttpServerRequest request) {
        if (closed.get()) {
            Reply.busy(request, "stopping");
        } else {
            Reply.text(request, 200, "ready");
        }
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
     * @throws java.net.BindException if another program listens on an address
     * @throws IOException if an address cannot be listened on, or the certificate cannot be used
     */
    public static CacheServer start(Services services, ServerOptions options) throws IOException {
        CacheServer server = new CacheServer(services, options);
        try {
            server.listen();
        } finally {
            if (!server.listening) {
                server.close();
            }
        }
        return server;
    }

    /** The addresses it listens on, in the order of its options, with the actual ports. */
    public List<SocketAddress> addresses() {
        return listeners.addresses();
    }

    /** The first TCP address it listens on; throws NoSuchElementException if there is none. */
    public InetSocketAddress address() {
        return addresses().stream()
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** Its registry of meters, for those of others in the process. */
    public Metrics metrics() {
        return metrics;
    }

    /** What it has done so far. */
    public ServerCounters counters() {
        return traffic.snapshot(nars.inFlight(), connections.count());
    }

    /**
     * Is no longer ready, and after the time-out for that stops accepting, lets responses in progress end within the
     * time-out for that, then resets what is left. Afterwards nothing uses the store any more.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        Duration stop = options.timeouts().stop();
        try {
            drain();
            settle(listeners.shutdown(stop), stop);
            connections.resetAll();
            if (!nars.awaitIdle(STEP_TIMEOUT)) {
                LOG.warn("{} downloads did not end in time", nars.inFlight());
            }
            if (uploads != null && !uploads.close(STEP_TIMEOUT)) {
                LOG.warn("uploads did not end in time");
            }
            settle(vertx.close(), STEP_TIMEOUT);
            store.removePathListener(pathChanged);
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

    /** Goes on serving for a while, so that those who ask whether it is ready see that it is not. */
    private void drain() throws InterruptedException {
        Duration drain = options.timeouts().drain();
        if (listening && drain.isPositive()) {
            settle(vertx.timer(drain.toMillis(), TimeUnit.MILLISECONDS), drain);
        }
    }

    private void listen() throws IOException {
        listeners.open();
        vertx.setPeriodic(Connections.SWEEP_INTERVAL.toMillis(), id -> connections.sweep());
        listening = true;
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
