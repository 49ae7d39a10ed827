package dev.narsil.gateway.http;

import dev.narsil.gateway.upload.ObjectKind;
import dev.narsil.gateway.upload.ObjectName;
import dev.narsil.gateway.upload.Upload;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Takes PUT requests, each on a platform thread of its own, up to a bound. */
final class UploadEndpoint {

    private static final int KEEP_ALIVE_SECONDS = 10;
    private static final Map<Route, ObjectKind> OBJECTS = new EnumMap<>(Map.of(
            Route.LOG, ObjectKind.LOG,
            Route.LISTING, ObjectKind.LISTING,
            Route.REALISATION, ObjectKind.REALISATION,
            Route.BUILD_TRACE, ObjectKind.BUILD_TRACE,
            Route.DEBUG_INFO, ObjectKind.DEBUG_INFO));

    private final Uploads uploads;
    private final Connections connections;
    private final Traffic traffic;
    private final ThreadPoolExecutor threads;

    UploadEndpoint(Uploads uploads, Connections connections, Traffic traffic) {
        this.uploads = uploads;
        this.connections = connections;
        this.traffic = traffic;
        threads = new ThreadPoolExecutor(
                0,
                uploads.options().maxNars() + uploads.options().maxSmall(),
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().name("upload-", 0).daemon().factory());
    }

    /** Returns who takes PUT, by route. */
    Map<Route, Endpoint> writes() {
        Map<Route, Endpoint> writes = new EnumMap<>(Route.class);
        writes.put(Route.NAR, this::nar);
        writes.put(Route.NAR_INFO, this::narInfo);
        writes.put(Route.CACHE_INFO, (request, context, target) -> start(request, context, uploads.cacheInfo()));
        writes.put(Route.NONE, (request, context, target) -> refuse(request, "nothing of that name can be uploaded"));
        OBJECTS.keySet().forEach(route -> writes.put(route, this::object));
        return writes;
    }

    private void nar(HttpServerRequest request, Context context, Target target) {
        try {
            start(request, context, uploads.nar(Sha256.parseBase32(target.name()), target.suffix()));
        } catch (IllegalArgumentException e) {
            refuse(request, "not a hash: " + e.getMessage());
        }
    }

    private void narInfo(HttpServerRequest request, Context context, Target target) {
        try {
            start(request, context, uploads.narInfo(Digest.parse(target.name()), codings(request)));
        } catch (IllegalArgumentException e) {
            refuse(request, "not a digest: " + e.getMessage());
        }
    }

    private void object(HttpServerRequest request, Context context, Target target) {
        try {
            ObjectName name = ObjectName.parse(OBJECTS.getOrDefault(target.route(), ObjectKind.LOG), target.name());
            start(request, context, uploads.object(name, codings(request)));
        } catch (IllegalArgumentException e) {
            refuse(request, String.valueOf(e.getMessage()));
        }
    }

    private static List<String> codings(HttpServerRequest request) {
        return request.headers().getAll(HttpHeaderNames.CONTENT_ENCODING);
    }

    private void refuse(HttpServerRequest request, String reason) {
        traffic.refusedRequests.increment();
        Reply.textAndClose(request, 400, reason);
    }

    private void start(HttpServerRequest request, Context context, Upload upload) {
        UploadExchange exchange =
                new UploadExchange(request, context, upload, uploads.options().pace(), connections);
        try {
            threads.execute(exchange);
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            exchange.refuse();
        }
    }

    /** Lets uploads end; returns false if some have not within {@code timeout}, and interrupts those. */
    boolean close(Duration timeout) throws InterruptedException {
        threads.shutdown();
        if (threads.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            return true;
        }
        threads.shutdownNow();
        return threads.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
}
