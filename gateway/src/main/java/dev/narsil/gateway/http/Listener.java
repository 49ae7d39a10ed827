package dev.narsil.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of a listening socket. */
final class Listener extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final HttpServerOptions options;
    private final SocketAddress address;
    private final boolean loopback;
    private final Dispatcher dispatcher;
    private final Connections connections;
    private volatile @Nullable HttpServer server;

    /** @param loopback whether only this machine reaches the address */
    Listener(
            HttpServerOptions options,
            SocketAddress address,
            boolean loopback,
            Dispatcher dispatcher,
            Connections connections) {
        this.options = options;
        this.address = address;
        this.loopback = loopback;
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
                .requestHandler(request -> dispatcher.dispatch(request, context, loopback));
        server = http;
        return http.listen(address);
    }

    /** The actual port, or 0 before it listens. */
    int port() {
        HttpServer http = server;
        return http == null ? 0 : http.actualPort();
    }

    /** Lets connections that begin from now on see another certificate, on all event loops. */
    Future<?> present(PemKeyCertOptions keys) {
        ServerSSLOptions tls = Objects.requireNonNull(options.getSslOptions(), "a listener without TLS");
        HttpServer http = Objects.requireNonNull(server, "a listener that was not started");
        return http.updateSSLOptions(tls.copy().setKeyCertOptions(keys), true);
    }

    /** Stops accepting and waits until connections have ended their responses, at most {@code millis}. */
    Future<?> shutdown(long millis) {
        HttpServer http = server;
        return http == null ? Future.succeededFuture() : http.shutdown(millis, TimeUnit.MILLISECONDS);
    }
}
