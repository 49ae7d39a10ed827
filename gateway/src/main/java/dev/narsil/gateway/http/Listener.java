package dev.narsil.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of the listening socket. */
final class Listener extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final HttpServerOptions options;
    private final Dispatcher dispatcher;
    private final Connections connections;
    private volatile @Nullable HttpServer server;

    Listener(HttpServerOptions options, Dispatcher dispatcher, Connections connections) {
        this.options = options;
        this.dispatcher = dispatcher;
        this.connections = connections;
    }

    @Override
    public Future<?> start() {
        HttpServer http = vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    connection.exceptionHandler(e -> LOG.debug("{}: {}", connection.remoteAddress(), e.toString()));
                    connections.opened(connection);
                })
                .exceptionHandler(e -> LOG.debug("before a request: {}", e.toString()))
                .invalidRequestHandler(Dispatcher::refuse)
                .requestHandler(request -> dispatcher.dispatch(request, context));
        server = http;
        return http.listen();
    }

    /** The actual port, or 0 before it listens. */
    int port() {
        HttpServer http = server;
        return http == null ? 0 : http.actualPort();
    }

    /** Stops accepting and waits until connections have ended their responses, at most {@code millis}. */
    Future<?> shutdown(long millis) {
        HttpServer http = server;
        return http == null ? Future.succeededFuture() : http.shutdown(millis, TimeUnit.MILLISECONDS);
    }
}
