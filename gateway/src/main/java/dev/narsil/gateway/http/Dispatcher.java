package dev.narsil.gateway.http;

import dev.narsil.rewrite.path.StoreDir;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells from method and path who answers a request. Runs on the event loop of the request's connection. */
final class Dispatcher {

    /** Longest body of a request that is read and dropped; a request with more is refused. */
    static final int MAX_IGNORED_BODY_BYTES = 64 << 10;

    private static final String JSON = "application/json";

    private final Connections connections;
    private final NarInfoEndpoint narInfos;
    private final NarEndpoint nars;
    private final ListingEndpoint listings;
    private final MetricsEndpoint metrics;
    private final Document cacheInfo;
    private final StoreDir storeDir;
    private final Supplier<ServerCounters> counters;

    Dispatcher(
            Connections connections,
            NarInfoEndpoint narInfos,
            NarEndpoint nars,
            ListingEndpoint listings,
            MetricsEndpoint metrics,
            Document cacheInfo,
            StoreDir storeDir,
            Supplier<ServerCounters> counters) {
        this.connections = connections;
        this.narInfos = narInfos;
        this.nars = nars;
        this.listings = listings;
        this.metrics = metrics;
        this.cacheInfo = cacheInfo;
        this.storeDir = storeDir;
        this.counters = counters;
    }

    /**
     * Answers a request once the client has taken enough of the answers before it, so that one that sends requests and
     * reads nothing has few answers kept for it. Vert.x hands over no request before the one ahead is answered.
     */
    void dispatch(HttpServerRequest request, Context context) {
        HttpServerResponse response = request.response();
        if (response.writeQueueFull()) {
            response.drainHandler(v -> {
                response.drainHandler(null);
                dispatch(request, context);
            });
            return;
        }
        connections.touch(request.connection());
        String path = Route.path(request.uri());
        Route route = Route.of(path);
        request.routed(route.name());
        boolean head = Reply.isHead(request);
        if (!head && !HttpMethod.GET.equals(request.method())) {
            Reply.methodNotAllowed(request);
            return;
        }
        if (hasLongBody(request.headers())) {
            Reply.textAndClose(request, 413, "a request here has no body");
            return;
        }
        if (HttpVersion.HTTP_1_1.equals(request.version()) && !request.headers().contains(HttpHeaderNames.HOST)) {
            Reply.textAndClose(request, 400, "a request of HTTP/1.1 has a Host header");
            return;
        }
        switch (route) {
            case NAR_INFO -> narInfos.serve(request, head, route.name(path));
            case NAR -> nars.serve(request, context, route.name(path));
            case LISTING -> listings.serve(request, context, route.name(path));
            case CACHE_INFO -> cacheInfo.send(request.response(), head);
            case METRICS -> metrics.serve(request, head);
            case ROOT -> FrontPage.page(storeDir, request).send(request.response(), head);
            case HEALTH -> Document.of(JSON, counters.get().toJson()).send(request.response(), head);
            case NONE -> Reply.notFound(request, "nothing here");
        }
    }

    /** Answers what is not a request of HTTP/1 within the limits, and closes the connection. */
    static void refuse(HttpServerRequest request) {
        @Nullable Throwable cause = request.decoderResult().cause();
        switch (cause) {
            case TooLongHttpLineException e -> Reply.textAndClose(request, 414, "the request line is too long");
            case TooLongHttpHeaderException e -> Reply.textAndClose(request, 431, "the headers are too long");
            case null, default -> Reply.textAndClose(request, 400, "not a request of HTTP/1.1");
        }
    }

    private static boolean hasLongBody(MultiMap headers) {
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return true;
        }
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length != null && !isAtMost(length, MAX_IGNORED_BODY_BYTES);
    }

    private static boolean isAtMost(String number, int max) {
        try {
            return Long.parseLong(number) <= max;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
