package dev.narsil.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Short answers in plain text, for everything that is not served. */
final class Reply {

    static final String TEXT = "text/plain; charset=utf-8";

    private static final String RETRY_AFTER_SECONDS = "1";
    private static final String ALLOWED_METHODS = "GET, HEAD";

    private Reply() {}

    static boolean isHead(HttpServerRequest request) {
        return HttpMethod.HEAD.equals(request.method());
    }

    /** Answers with a status and one line. */
    static void text(HttpServerRequest request, int status, String line) {
        Buffer body = Buffer.buffer(line + "\n");
        HttpServerResponse response = request.response();
        response.setStatusCode(status)
                .putHeader(HttpHeaderNames.CONTENT_TYPE, TEXT)
                .putHeader(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length()));
        if (isHead(request)) {
            response.end();
        } else {
            response.end(body);
        }
    }

    static void notFound(HttpServerRequest request, String line) {
        text(request, 404, line);
    }

    static void busy(HttpServerRequest request, String line) {
        request.response().putHeader(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        text(request, 503, line);
    }

    static void methodNotAllowed(HttpServerRequest request) {
        request.response().putHeader(HttpHeaderNames.ALLOW, ALLOWED_METHODS);
        textAndClose(request, 405, "this cache is read-only: GET and HEAD");
    }

    /** Answers, then closes the connection, because what follows on it may be a body nobody reads. */
    static void textAndClose(HttpServerRequest request, int status, String line) {
        request.response().putHeader(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        text(request, status, line);
        request.connection().close();
    }
}
