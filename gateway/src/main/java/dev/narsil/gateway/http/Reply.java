package dev.narsil.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;

/** Short answers in plain text, for everything that is not served. */
final class Reply {

    static final String TEXT = "text/plain; charset=utf-8";

    /** How long a client that was refused may go on sending. */
    private static final long LINGER_MILLIS = 500;

    private static final String RETRY_AFTER_SECONDS = "1";

    private Reply() {}

    static boolean isHead(HttpServerRequest request) {
        return HttpMethod.HEAD.equals(request.method());
    }

    /** Answers with a status and one line. */
    static void text(HttpServerRequest request, int status, String line) {
        Buffer body = describe(request, status, line);
        if (isHead(request)) {
            request.response().end();
        } else {
            request.response().end(body);
        }
    }

    private static Buffer describe(HttpServerRequest request, int status, String line) {
        Buffer body = line.isEmpty() ? Buffer.buffer() : Buffer.buffer(line + "\n");
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaderNames.CONTENT_TYPE, TEXT)
                .putHeader(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length()));
        return body;
    }

    static void notFound(HttpServerRequest request, String line) {
        text(request, 404, line);
    }

    static void busy(HttpServerRequest request, String line) {
        request.response().putHeader(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        text(request, 503, line);
    }

    static void methodNotAllowed(HttpServerRequest request, String allowed) {
        request.response().putHeader(HttpHeaderNames.ALLOW, allowed);
        textAndClose(request, 405, "allowed here: " + allowed);
    }

    /**
     * Answers and closes the connection, because what follows on it is not a request. The response is not ended and
     * what comes is read and dropped for a while, as closing at once would reset the connection under a client that
     * still sends.
     */
    static void textAndClose(HttpServerRequest request, int status, String line) {
        request.response().putHeader(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        Buffer body = describe(request, status, line);
        if (isHead(request)) {
            request.response().writeHead();
        } else {
            request.response().write(body);
        }
        Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
        context.owner().setTimer(LINGER_MILLIS, id -> request.connection().close());
    }
}
