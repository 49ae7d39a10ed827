package dev.narsil.gateway.http;

import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.metrics.RequestMeters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.HttpServerMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;
import io.vertx.core.spi.observability.HttpRequest;
import io.vertx.core.spi.observability.HttpResponse;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times all requests of a server, as Vert.x reports them, by {@link Route} and method. Whoever dispatches a
 * request tells its route by {@link io.vertx.core.http.HttpServerRequest#routed} with the name of the constant.
 */
final class ServerMeters implements VertxMetrics, HttpServerMetrics<ServerMeters.Running, Void, Void> {

    private enum Method {
        GET,
        HEAD,
        PUT,
        OTHER
    }

    /** A request whose response has not ended. Used by one thread at a time. */
    static final class Running {
        private final long beginNanos = System.nanoTime();
        private final Method method;
        private @Nullable Cell cell;
        private boolean ended;

        private Running(Method method) {
            this.method = method;
        }
    }

    private record Cell(RequestMeters meters, LongAdder inFlight) {}

    private final Metrics metrics;
    private final Map<Route, ConcurrentMap<Method, Cell>> cells = new EnumMap<>(Route.class);

    ServerMeters(Metrics metrics) {
        this.metrics = metrics;
        for (Route route : Route.values()) {
            cells.put(route, new ConcurrentHashMap<>());
        }
    }

    private Cell cell(Route route, Method method) {
        ConcurrentMap<Method, Cell> ofRoute = Objects.requireNonNull(cells.get(route));
        Cell cell = ofRoute.get(method);
        // made at the first such request, as most combinations never see one
        return cell == null ? ofRoute.computeIfAbsent(method, m -> makeCell(label(route), label(m))) : cell;
    }

    private Cell makeCell(String route, String method) {
        LongAdder inFlight = new LongAdder();
        metrics.gauge(
                "narsil.http.in.flight",
                "Requests whose response has not ended",
                inFlight::sum,
                "route",
                route,
                "method",
                method);
        return new Cell(metrics.requests(route, method), inFlight);
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How many responses of a route had a status, over all methods. */
    long count(Route route, int status) {
        return Objects.requireNonNull(cells.get(route)).values().stream()
                .mapToLong(cell -> cell.meters.count(status))
                .sum();
    }

    @Override
    public HttpServerMetrics<?, ?, ?> createHttpServerMetrics(HttpServerOptions options, SocketAddress address) {
        return this;
    }

    @Override
    public Running requestBegin(@Nullable Void socket, HttpRequest request) {
        return new Running(method(request.method()));
    }

    @Override
    public void requestRouted(Running running, String route) {
        if (running.cell == null) {
            enter(running, Route.valueOf(route));
        }
    }

    @Override
    public void requestEnd(@Nullable Running running, HttpRequest request, long bytes) {
        if (running != null && bytes > 0) {
            entered(running).meters.received(bytes);
        }
    }

    @Override
    public void responseBegin(Running running, HttpResponse response) {
        entered(running).meters.answered(response.statusCode(), System.nanoTime() - running.beginNanos);
    }

    @Override
    public void responseEnd(Running running, HttpResponse response, long bytes) {
        if (!running.ended) {
            settle(running).meters.ended(System.nanoTime() - running.beginNanos, bytes);
        }
    }

    @Override
    public void requestReset(@Nullable Running running) {
        // one that waits behind another has not begun
        if (running != null && !running.ended) {
            settle(running).meters.cut();
        }
    }

    @Override
    public void close() {
        // the registry is not ours
    }

    /** What is not a request of HTTP/1 within the limits has no route. */
    private Cell entered(Running running) {
        Cell cell = running.cell;
        return cell == null ? enter(running, Route.NONE) : cell;
    }

    private Cell enter(Running running, Route route) {
        Cell cell = cell(route, running.method);
        cell.inFlight.increment();
        running.cell = cell;
        return cell;
    }

    private Cell settle(Running running) {
        Cell cell = entered(running);
        running.ended = true;
        cell.inFlight.decrement();
        return cell;
    }

    private static Method method(HttpMethod method) {
        if (HttpMethod.GET.equals(method)) {
            return Method.GET;
        }
        if (HttpMethod.HEAD.equals(method)) {
            return Method.HEAD;
        }
        return HttpMethod.PUT.equals(method) ? Method.PUT : Method.OTHER;
    }
}
