package dev.narsil.gateway.source;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A GET under way, with the redirections it leads to. Completing its result with a failure, by cancelling it or by a
 * time-out, closes the connection it uses.
 */
final class HttpExchange<T> {

    /** Most of the body of a redirection that is read to keep the connection. */
    private static final int MAX_REDIRECTION_BYTES = 64 << 10;

    /** Receives the final answer; called on the event loop, in the handler that hears of it. */
    interface Reception<T> {
        Future<T> receive(HttpHead head, HttpClientRequest request, HttpClientResponse response);
    }

    private final HttpConnections connections;
    private final URI origin;
    private final Map<String, String> headers;
    private final @Nullable String authorization;
    private final Reception<T> reception;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile @Nullable HttpClientRequest current;

    HttpExchange(
            HttpConnections connections,
            URI origin,
            Map<String, String> headers,
            @Nullable String authorization,
            Reception<T> reception) {
        this.connections = connections;
        this.origin = origin;
        this.headers = headers;
        this.authorization = authorization;
        this.reception = reception;
    }

    CompletableFuture<T> start() {
        var _ = result.whenComplete((value, failure) -> {
            HttpClientRequest request = current;
            if (failure != null && request != null) {
                request.reset();
            }
        });
        go(origin, connections.limits().redirections());
        return result;
    }

    private void go(URI at, int redirectionsLeft) {
        connections
                .request(at, headers, HttpUrls.sameOrigin(at, origin) ? authorization : null)
                .compose(request -> {
                    current = request;
                    if (result.isDone()) {
                        request.reset();
                    }
                    return request.send().compose(response -> answered(at, request, response, redirectionsLeft));
                })
                .onFailure(failure -> result.completeExceptionally(HttpConnections.asIoException(failure)));
    }

    private Future<Void> answered(
            URI at, HttpClientRequest request, HttpClientResponse response, int redirectionsLeft) {
        HttpHead head = new HttpHead(at, response.statusCode(), response.headers());
        String location = head.header("Location");
        if (!head.isRedirection() || location == null) {
            return reception
                    .receive(head, request, response)
                    .onSuccess(result::complete)
                    .mapEmpty();
        }
        if (redirectionsLeft == 0) {
            response.exceptionHandler(reset -> {});
            request.reset();
            return Future.failedFuture(new SourceException(HttpUrls.told(origin) + ": more than "
                    + connections.limits().redirections() + " redirections"));
        }
        return body(response, MAX_REDIRECTION_BYTES).compose(dropped -> {
            try {
                go(HttpUrls.resolve(at, location), redirectionsLeft - 1);
                return Future.succeededFuture();
            } catch (SourceException e) {
                return Future.failedFuture(e);
            }
        });
    }

    /** Gathers a body; called on the event loop, in the handler that hears of the response. */
    static Future<byte[]> body(HttpClientResponse response, int maxBytes) {
        Promise<byte[]> promise = Promise.promise();
        Buffer gathered = Buffer.buffer();
        response.exceptionHandler(promise::tryFail);
        response.endHandler(end -> promise.tryComplete(gathered.getBytes()));
        response.handler(buffer -> {
            if (gathered.length() + buffer.length() > maxBytes) {
                promise.tryFail(new SourceException("more than " + maxBytes + " bytes"));
            } else {
                gathered.appendBuffer(buffer);
            }
        });
        return promise.future();
    }
}
