package dev.narsil.gateway.source;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Keep-alive connections to web servers and where they redirect to. Safe for use by many threads. */
public final class HttpConnections implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(HttpConnections.class.getName());
    private static final int MAX_HEADER_BYTES = 32 << 10;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final int EVENT_LOOPS = 2;

    private final HttpLimits limits;
    private final Vertx vertx;
    private final boolean ownsVertx;
    private final HttpClient client;

    private HttpConnections(HttpLimits limits, Vertx vertx, boolean ownsVertx) {
        this.limits = limits;
        this.vertx = vertx;
        this.ownsVertx = ownsVertx;
        this.client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setConnectTimeout((int) limits.connect().toMillis())
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setMaxChunkSize(HttpBody.MAX_PIECE_BYTES)
                        .setMaxHeaderSize(MAX_HEADER_BYTES))
                .with(new PoolOptions().setHttp1MaxSize(limits.connections()))
                // the request that uses a connection hears of its end too
                .withConnectHandler(connection ->
                        connection.exceptionHandler(e -> LOG.log(System.Logger.Level.DEBUG, "a connection ended", e)))
                .build();
    }

    /** Makes connections with event loops of their own. Nothing is connected yet. */
    public static HttpConnections open(HttpLimits limits) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        return new HttpConnections(limits, vertx, true);
    }

    /** Makes other connections on the event loops of these, which must be closed after them. */
    public HttpConnections beside(HttpLimits otherLimits) {
        return new HttpConnections(otherLimits, vertx, false);
    }

    HttpLimits limits() {
        return limits;
    }

    /**
     * Sends a GET and waits for the answer, after redirections. Not for an event loop.
     *
     * @param authorization the value of that header, sent only to the scheme, host and port of {@code uri}
     * @throws SourceException if trying again is of no use
     * @throws IOException if it may be
     */
    public HttpReply get(URI uri, Map<String, String> headers, @Nullable String authorization) throws IOException {
        CompletableFuture<HttpReply> reply = new HttpExchange<HttpReply>(
                        this,
                        uri,
                        headers,
                        authorization,
                        (head, request, response) -> Future.succeededFuture(
                                new HttpReply(head, new HttpBody(request, response, limits.stall()))))
                .start();
        try {
            return reply.get(limits.answer().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            abandon(reply);
            throw new IOException("no answer for " + limits.answer().toMillis() + " ms", e);
        } catch (InterruptedException e) {
            abandon(reply);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw asIoException(e.getCause() == null ? e : e.getCause());
        }
    }

    private static void abandon(CompletableFuture<HttpReply> reply) {
        if (!reply.cancel(true) && !reply.isCompletedExceptionally()) {
            reply.join().body().close();
        }
    }

    /**
     * Sends a GET and gathers the answer, after redirections, without blocking. There is no time-out: whoever cancels
     * the result, or lets it time out, closes the connection.
     *
     * @param authorization the value of that header, sent only to the scheme, host and port of {@code uri}
     * @param maxBytes a longer body is a failure
     */
    public CompletableFuture<HttpFile> getSmall(
            URI uri, Map<String, String> headers, @Nullable String authorization, int maxBytes) {
        return new HttpExchange<HttpFile>(
                        this,
                        uri,
                        headers,
                        authorization,
                        (head, request, response) ->
                                HttpExchange.body(response, maxBytes).map(body -> new HttpFile(head, body)))
                .start();
    }

    Future<HttpClientRequest> request(URI uri, Map<String, String> headers, @Nullable String authorization) {
        try {
            return client.request(new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(uri.toString()))
                    .map(request -> {
                        // that of a request that is given up on purpose too, which is logged as an error otherwise
                        request.exceptionHandler(e -> LOG.log(System.Logger.Level.DEBUG, "a request ended", e));
                        request.putHeader("User-Agent", "narsil");
                        headers.forEach(request::putHeader);
                        if (authorization != null) {
                            request.putHeader("Authorization", authorization);
                        }
                        return request;
                    });
        } catch (IllegalStateException e) {
            // closed by another thread
            return Future.failedFuture(e);
        }
    }

    /** Returns a failure of a connection as an exception with one line. */
    static IOException asIoException(Throwable failure) {
        return switch (failure) {
            case SourceException e -> e;
            case SSLException e -> new SourceException("TLS: " + reason(e), e);
            default -> new IOException(reason(failure), failure);
        };
    }

    /** Returns a failure as a clause in one line. */
    public static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse("").strip();
    }

    @Override
    public void close() {
        try {
            (ownsVertx ? vertx.close() : client.close())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(System.Logger.Level.DEBUG, "connections did not close in time", e);
        }
    }
}
