package dev.narsil.gateway.http;

import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.Permission;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells from method and path who answers a request. Runs on the event loop of the request's connection. */
final class Dispatcher {

    /** Longest body of a request that is read and dropped; a request with more is refused. */
    static final int MAX_IGNORED_BODY_BYTES = 64 << 10;

    private final Connections connections;
    private final RequestLimit limit;
    private final Access access;
    private final String basePath;
    private final Map<Route, Endpoint> reads;
    private final Map<Route, Endpoint> writes;

    /**
     * Hands GET and HEAD to {@code reads}, PUT to {@code writes}.
     *
     * @param basePath what all paths begin with; may be empty
     */
    Dispatcher(
            Connections connections,
            RequestLimit limit,
            Access access,
            String basePath,
            Map<Route, Endpoint> reads,
            Map<Route, Endpoint> writes) {
        this.connections = connections;
        this.limit = limit;
        this.access = access;
        this.basePath = basePath;
        this.reads = Map.copyOf(reads);
        this.writes = Map.copyOf(writes);
    }

    /**
     * Answers a request once the client has taken enough of the answers before it, so that one that sends requests and
     * reads nothing has few answers kept for it. Vert.x hands over no request before the one ahead is answered.
     *
     * @param loopback whether it came in by a listener that only this machine reaches
     */
    void dispatch(HttpServerRequest request, Context context, boolean loopback) {
        HttpServerResponse response = request.response();
        if (response.writeQueueFull()) {
            // its body comes when somebody takes it
            request.pause();
            response.drainHandler(v -> {
                response.drainHandler(null);
                dispatch(request, context, loopback);
                if (!HttpMethod.PUT.equals(request.method())) {
                    request.resume();
                }
            });
            return;
        }
        connections.touch(request.connection());
        if (HttpVersion.HTTP_1_1.equals(request.version()) && !request.headers().contains(HttpHeaderNames.HOST)) {
            Reply.textAndClose(request, 400, "a request of HTTP/1.1 has a Host header");
            return;
        }
        Target target = target(request);
        request.routed(target.route().name());
        if (!hasRoom(request, target.route())) {
            return;
        }
        Endpoint pins = target.route() == Route.PINS ? reads.get(Route.PINS) : null;
        if (pins != null) {
            // methods, and who may use them, are its own
            pins.serve(request, context, target);
        } else if (HttpMethod.PUT.equals(request.method())) {
            if (mayPass(request, target.route(), Permission.WRITE, loopback)) {
                write(request, context, target);
            }
        } else if (Reply.isHead(request) || HttpMethod.GET.equals(request.method())) {
            if (!access.isOpen(Permission.READ, loopback)) {
                Reply.keepPrivate(request.response());
            }
            if (mayPass(request, target.route(), Permission.READ, loopback)) {
                read(request, context, target);
            }
        } else {
            Reply.methodNotAllowed(request, allowed(target.route()));
        }
    }

    /** Refuses what is one too many, but for those who ask how the server is. */
    private boolean hasRoom(HttpServerRequest request, Route route) {
        if (connections.isSurplus(request.connection())) {
            Reply.busyAndClose(request, "too many connections at a time");
            return false;
        }
        if (!isProbe(route) && !limit.enter(request.response())) {
            Reply.busyAndClose(request, "too many requests at a time");
            return false;
        }
        return true;
    }

    /** Refuses whom the access rules do not let, but for those who ask how the server is. */
    private boolean mayPass(HttpServerRequest request, Route route, Permission permission, boolean loopback) {
        if (isProbe(route)) {
            return true;
        }
        return switch (access.check(permission, request.getHeader(HttpHeaderNames.AUTHORIZATION), loopback)) {
            case ALLOWED -> true;
            case UNAUTHENTICATED -> {
                Reply.unauthorized(request);
                yield false;
            }
            case FORBIDDEN -> {
                Reply.forbidden(request);
                yield false;
            }
        };
    }

    private static boolean isProbe(Route route) {
        return route == Route.HEALTH || route == Route.READY;
    }

    private Target target(HttpServerRequest request) {
        String path = Target.path(request.uri());
        if (basePath.isEmpty()) {
            return Target.of(path);
        }
        if (path.equals(basePath)) {
            return Target.of("/");
        }
        boolean below = path.startsWith(basePath) && path.charAt(basePath.length()) == '/';
        return Target.of(below ? path.substring(basePath.length()) : "");
    }

    private void read(HttpServerRequest request, Context context, Target target) {
        if (hasLongBody(request.headers())) {
            Reply.textAndClose(request, 413, "a request here has no body");
            return;
        }
        Endpoint endpoint = reads.get(target.route());
        if (endpoint == null) {
            Reply.notFound(request, "nothing here");
        } else {
            endpoint.serve(request, context, target);
        }
    }

    private void write(HttpServerRequest request, Context context, Target target) {
        Endpoint endpoint = writes.get(target.route());
        if (endpoint == null) {
            Reply.methodNotAllowed(request, allowed(target.route()));
        } else {
            endpoint.serve(request, context, target);
        }
    }

    private String allowed(Route route) {
        return writes.containsKey(route) ? "GET, HEAD, PUT" : "GET, HEAD";
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
