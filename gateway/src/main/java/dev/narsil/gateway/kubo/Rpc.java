package dev.narsil.gateway.kubo;

import dev.narsil.gateway.source.HttpConnections;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Connections to the RPC API of one daemon, kept alive; an upload has one of its own. Safe for use by many threads. */
final class Rpc {

    /** Most calls at a time. */
    static final int MAX_CONNECTIONS = 80;

    /** Most bytes of an answer of one JSON object. */
    static final int MAX_OBJECT_BYTES = 4 << 20;

    private static final System.Logger LOG = System.getLogger(Rpc.class.getName());
    private static final int MAX_WAITING_CALLS = 1024;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int MAX_HEADER_BYTES = 32 << 10;

    private final KuboOptions options;
    private final Vertx vertx;
    private final HttpClient calls;
    private final Set<HttpClient> uploads = ConcurrentHashMap.newKeySet();

    /** Makes connections on event loops of others. Nothing is connected yet. */
    Rpc(KuboOptions options, Vertx vertx) {
        this.options = options;
        this.vertx = vertx;
        this.calls = client(MAX_CONNECTIONS);
    }

    private HttpClient client(int connections) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setConnectTimeout((int) limits().connect().toMillis())
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setMaxHeaderSize(MAX_HEADER_BYTES))
                .with(new PoolOptions().setHttp1MaxSize(connections).setMaxWaitQueueSize(MAX_WAITING_CALLS))
                // the call that uses a connection hears of its end too
                .withConnectHandler(connection ->
                        connection.exceptionHandler(e -> LOG.log(System.Logger.Level.DEBUG, "a connection ended", e)))
                .build();
    }

    KuboLimits limits() {
        return options.limits();
    }

    Vertx vertx() {
        return vertx;
    }

    /** Where the daemon is, for errors. */
    String daemon() {
        return "Kubo at " + options.api();
    }

    boolean hasSecret() {
        return options.secret() != null;
    }

    /** Begins a call without a body, which is given up {@code margin} after the daemon was told to. */
    Exchange call(Command command) {
        return call(command, command.time().plus(limits().margin()));
    }

    /** As {@link #call(Command)}, given up after {@code patience} unless that is prolonged. */
    Exchange call(Command command, Duration patience) {
        Exchange exchange = new Exchange(this, command, calls, patience, null);
        exchange.start(HttpClientRequest::send);
        return exchange;
    }

    /** Calls a command that answers one JSON object. */
    JsonFields object(Command command) throws IOException {
        try (Exchange exchange = call(command)) {
            return exchange.answer().object(MAX_OBJECT_BYTES);
        }
    }

    /** Begins a call with a body of one file, to be sent by {@link Exchange#body}. */
    Exchange upload(Command command) {
        String boundary = MultipartBody.newBoundary();
        // Vert.x takes a connection for free when the answer has come, although the body may not have been sent
        HttpClient own = client(1);
        uploads.add(own);
        Exchange exchange = new Exchange(this, command, own, command.time().plus(limits().margin()), boundary);
        exchange.start(request -> {
            request.setChunked(true).putHeader("Content-Type", MultipartBody.contentType(boundary));
            return request.sendHead().compose(sent -> request.response());
        });
        return exchange;
    }

    Future<HttpClientRequest> request(HttpClient client, Command command) {
        try {
            return client.request(new RequestOptions()
                            .setMethod(HttpMethod.POST)
                            .setAbsoluteURI(options.api()
                                    .root()
                                    .resolve(command.target())
                                    .toString()))
                    .map(request -> {
                        // that of a call that is given up on purpose too, which is logged as an error otherwise
                        request.exceptionHandler(e -> LOG.log(System.Logger.Level.DEBUG, "a call ended", e));
                        request.putHeader("User-Agent", "narsil");
                        ApiSecret secret = options.secret();
                        if (secret != null) {
                            request.putHeader("Authorization", secret.header());
                        }
                        return request;
                    });
        } catch (IllegalStateException e) {
            // closed by another thread
            return Future.failedFuture(e);
        }
    }

    /** Returns a failure of a connection, as an error of {@code command}. */
    KuboException unreachable(Command command, Throwable failure) {
        return new KuboException(
                KuboException.Kind.UNREACHABLE,
                command + ": " + daemon() + ": " + HttpConnections.reason(failure),
                failure);
    }

    /** Makes calls under way fail; the result is when all connections are closed. */
    Future<?> close() {
        List<Future<Void>> closing = new ArrayList<>();
        closing.add(calls.close());
        uploads.forEach(own -> closing.add(own.close()));
        return Future.join(closing);
    }

    /** Hears that an upload is over. */
    void uploaded(HttpClient own) {
        uploads.remove(own);
        own.close().onFailure(e -> LOG.log(System.Logger.Level.DEBUG, "a connection did not close", e));
    }
}
