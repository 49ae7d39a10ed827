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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Keep-alive connections to a web server and where it redirects to. Safe for use by many threads, none an event loop.
 */
final class HttpConnections implements AutoCloseable {

    private static final int MAX_CONNECTIONS = 64;
    private static final int MAX_REDIRECTIONS = 10;
    private static final int MAX_HEADER_BYTES = 32 << 10;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final int EVENT_LOOPS = 2;

    private final Duration timeout;
    private final Vertx vertx;
    private final HttpClient client;

    HttpConnections(Duration timeout) {
        this.timeout = timeout;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setMaxChunkSize(HttpBody.MAX_PIECE_BYTES)
                        .setMaxHeaderSize(MAX_HEADER_BYTES),
                new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS));
    }

    /**
     * Sends a GET and waits for the answer, after redirections.
     *
     * @param authorization the value of that header, sent only to the scheme, host and port of {@code uri}
     * @throws SourceException if trying again is of no use
     * @throws IOException if it may be
     */
    HttpReply get(URI uri, Map<String, String> headers, @Nullable String authorization) throws IOException {
        URI at = uri;
        for (int redirections = 0; redirections <= MAX_REDIRECTIONS; redirections++) {
            HttpReply reply = await(send(at, headers, sameOrigin(at, uri) ? authorization : null));
            String location = reply.header("Location");
            if (!reply.isRedirection() || location == null) {
                return reply;
            }
            reply.body().discard();
            at = HttpUrls.resolve(at, location);
        }
        throw new SourceException(HttpUrls.told(uri) + ": more than " + MAX_REDIRECTIONS + " redirections");
    }

    private Future<HttpReply> send(URI uri, Map<String, String> headers, @Nullable String authorization) {
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(uri.toString());
        return request(options).compose(request -> {
            request.putHeader("User-Agent", "narsil");
            headers.forEach(request::putHeader);
            if (authorization != null) {
                request.putHeader("Authorization", authorization);
            }
            return request.send()
                    .map(response -> new HttpReply(
                            uri, response.statusCode(), response.headers(), new HttpBody(request, response, timeout)));
        });
    }

    private Future<HttpClientRequest> request(RequestOptions options) {
        try {
            return client.request(options);
        } catch (IllegalStateException e) {
            // closed by another thread
            return Future.failedFuture(e);
        }
    }

    private HttpReply await(Future<HttpReply> reply) throws IOException {
        try {
            return reply.toCompletionStage().toCompletableFuture().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            reply.onSuccess(late -> late.body().close());
            throw new IOException("no answer for " + timeout.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            reply.onSuccess(late -> late.body().close());
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof SSLException) {
                throw new SourceException("TLS: " + reason(cause), cause);
            }
            throw new IOException(reason(cause), cause);
        }
    }

    /** Returns a failure as a clause in one line. */
    static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse("").strip();
    }

    private static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme())
                && one.getHost().equals(other.getHost())
                && one.getPort() == other.getPort();
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(HttpConnections.class.getName())
                    .log(System.Logger.Level.DEBUG, "connections did not close in time", e);
        }
    }
}
