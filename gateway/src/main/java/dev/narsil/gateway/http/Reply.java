package dev.narsil.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Objects;

/** Short answers in plain text, for everything that is not served. */
final class Reply {

    static final String TEXT = "text/plain; charset=utf-8";

    /** How long a client that was refused may go on sending. */
    private static final long LINGER_MILLIS = 500;

    private static final String RETRY_AFTER_SECONDS = "1";
    private static final String PRIVATE = "private";

    private Reply() {}

    /** Has caches that many share keep nothing of a response, whatever it says of that. */
    static void keepPrivate(HttpServerResponse response) {
        response.headersEndHandler(v -> {
            String said = response.headers().get(HttpHeaderNames.CACHE_CONTROL);
            String rest = said == null ? "" : said.replaceFirst("^public(, )?", "");
            response.putHeader(HttpHeaderNames.CACHE_CONTROL, rest.isEmpty() ? PRIVATE : PRIVATE + ", " + rest);
        });
    }

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
        return describe(request, status, TEXT, line);
    }

    private static Buffer describe(HttpServerRequest request, int status, String contentType, String line) {
        Buffer body = line.isEmpty() ? Buffer.buffer() : Buffer.buffer(line + "\n");
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaderNames.CONTENT_TYPE, contentType)
                .putHeader(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length()));
        return body;
    }

    /** Answers that something here is broken; resets the connection where the response has begun. */
    static void failed(HttpServerRequest request) {
        if (request.response().headWritten()) {
            Connections.reset(request.connection());
        } else {
            request.response().headers().clear();
            text(request, 500, "the server made a mistake");
        }
    }

    static void notFound(HttpServerRequest request, String line) {
        text(request, 404, line);
    }

    static void busy(HttpServerRequest request, String line) {
        request.response().putHeader(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        text(request, 503, line);
    }

    /**
     * Answers that there is no room for now, and closes the connection. Whoever sends a body without waiting is told 501,
     * as a client that repeats its request after a 503 may do so without the body (protocol rule 14).
     */
    static void busyAndClose(HttpServerRequest request, String line) {
        boolean sends = sendsUnasked(request);
        if (!sends) {
            request.response().putHeader(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        textAndClose(request, sends ? 501 : 503, line);
    }

    /** Whether the body of an upload is on its way, as nothing has to be said before it comes. */
    private static boolean sendsUnasked(HttpServerRequest request) {
        return HttpMethod.PUT.equals(request.method())
                && !request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
    }

    /** Asks for a token. The connection closes where a body is about to come. */
    static void unauthorized(HttpServerRequest request) {
        request.response().putHeader(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"narsil\"");
        refuse(request, 401, "this needs a token, as the password of Basic or as Bearer");
    }

    /** Refuses what the request's token does not allow. */
    static void forbidden(HttpServerRequest request) {
        refuse(request, 403, "the token does not allow this");
    }

    private static void refuse(HttpServerRequest request, int status, String line) {
        if (isHead(request) || HttpMethod.GET.equals(request.method())) {
            text(request, status, line);
        } else {
            textAndClose(request, status, line);
        }
    }

    /** Refuses a method; whoever sends a body without waiting is told 501, which is one of the answers to a body (rule 14). */
    static void methodNotAllowed(HttpServerRequest request, String allowed) {
        request.response().putHeader(HttpHeaderNames.ALLOW, allowed);
        textAndClose(request, sendsUnasked(request) ? 501 : 405, "allowed here: " + allowed);
    }

    /**
     * Answers and closes the connection, because what follows on it is not a request. The response is not ended and
     * what comes is read and dropped for a while, as closing at once would reset the connection under a client that
     * still sends.
     */
    static void textAndClose(HttpServerRequest request, int status, String line) {
        andClose(request, status, TEXT, line);
    }

    /** As {@link #textAndClose}, with a line in another form. */
    static void andClose(HttpServerRequest request, int status, String contentType, String line) {
        request.resume();
        request.response().putHeader(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        Buffer body = describe(request, status, contentType, line);
        if (isHead(request)) {
            request.response().writeHead();
        } else {
            request.response().write(body);
        }
        Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
        context.owner().setTimer(LINGER_MILLIS, id -> request.connection().close());
    }
}
