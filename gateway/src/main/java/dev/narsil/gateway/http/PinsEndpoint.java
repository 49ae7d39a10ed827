package dev.narsil.gateway.http;

import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Token;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.pinning.PinFormatException;
import dev.narsil.gateway.pinning.PinQuery;
import dev.narsil.gateway.pinning.PinRefusedException;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.pinning.PinStatus;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The IPFS Pinning Service API (version 1.0.0): {@code /pins} and {@code /pins/{requestid}}, for tokens with the right
 * {@code pin}.
 */
final class PinsEndpoint implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(PinsEndpoint.class);

    private static final String JSON = "application/json";
    private static final String BAD_REQUEST = "BAD_REQUEST";
    private static final String NOT_FOUND = "NOT_FOUND";
    private static final String BUSY = "SERVICE_UNAVAILABLE";
    private static final int ACCEPTED = 202;

    private final PinService pins;
    private final Access access;
    private final StoreThreads storeThreads;
    private final Traffic traffic;

    PinsEndpoint(PinService pins, Access access, StoreThreads storeThreads, Traffic traffic) {
        this.pins = pins;
        this.access = access;
        this.storeThreads = storeThreads;
        this.traffic = traffic;
    }

    /** What a request asks for, on a thread that may block. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        request.response().putHeader(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        Optional<Token> token = access.token(request.getHeader(HttpHeaderNames.AUTHORIZATION));
        if (token.isEmpty()) {
            request.response().putHeader(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"narsil\"");
            refuse(request, 401, "UNAUTHORIZED", "this needs a token, as Bearer");
            return;
        }
        if (!token.get().permissions().contains(Permission.PIN)) {
            refuse(request, 403, "FORBIDDEN", "the token does not allow this: it lacks 'pin'");
            return;
        }
        int question = target.name().indexOf('?');
        String path = question < 0 ? target.name() : target.name().substring(0, question);
        String query = question < 0 ? "" : target.name().substring(question + 1);
        if (path.isEmpty() || path.equals("/")) {
            list(request, token.get().id(), query);
        } else {
            one(request, token.get().id(), path.substring(1));
        }
    }

    private void list(HttpServerRequest request, String owner, String query) {
        if (HttpMethod.GET.equals(request.method())) {
            answer(
                    request,
                    () -> send(
                            request,
                            200,
                            pins.list(owner, PinQuery.parse(query)).toJson()));
        } else if (HttpMethod.POST.equals(request.method())) {
            withBody(
                    request,
                    body -> send(
                            request, ACCEPTED, pins.add(owner, Pin.parse(body)).toJson()));
        } else {
            notAllowed(request, "GET, POST");
        }
    }

    private void one(HttpServerRequest request, String owner, String id) {
        if (HttpMethod.GET.equals(request.method())) {
            answer(request, () -> status(request, 200, pins.find(owner, id)));
        } else if (HttpMethod.POST.equals(request.method())) {
            withBody(request, body -> status(request, ACCEPTED, pins.replace(owner, id, Pin.parse(body))));
        } else if (HttpMethod.DELETE.equals(request.method())) {
            answer(request, () -> {
                if (pins.remove(owner, id)) {
                    request.response().setStatusCode(ACCEPTED).end();
                } else {
                    unknown(request);
                }
            });
        } else {
            notAllowed(request, "GET, POST, DELETE");
        }
    }

    private static void status(HttpServerRequest request, int status, Optional<PinStatus> found) {
        if (found.isEmpty()) {
            unknown(request);
        } else {
            send(request, status, found.get().toJson());
        }
    }

    private static void unknown(HttpServerRequest request) {
        fail(request, 404, NOT_FOUND, "no request of this token has this id");
    }

    /** What is done with a body. */
    private interface BodyWork {
        void run(byte[] body) throws IOException;
    }

    /** Gathers a body; one that is too long is refused, and one that does not come ends with its connection. */
    private void withBody(HttpServerRequest request, BodyWork work) {
        Buffer body = Buffer.buffer();
        if (request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true)) {
            var _ = request.response().writeContinue();
        }
        request.handler(piece -> {
            if (body.length() > Pin.MAX_BYTES) {
                return;
            }
            body.appendBuffer(piece);
            if (body.length() > Pin.MAX_BYTES) {
                refuse(request, 413, BAD_REQUEST, "a pin has at most " + Pin.MAX_BYTES + " bytes");
            }
        });
        request.exceptionHandler(e -> LOG.debug("a pin did not come: {}", e.getMessage()));
        request.endHandler(v -> {
            if (body.length() <= Pin.MAX_BYTES) {
                answer(request, () -> work.run(body.getBytes()));
            }
        });
    }

    private void answer(HttpServerRequest request, Work work) {
        try {
            Answering.run(request, storeThreads, () -> run(request, work));
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            busy(request, "too many requests at a time");
        }
    }

    private static void run(HttpServerRequest request, Work work) {
        try {
            work.run();
        } catch (PinFormatException e) {
            fail(request, 400, BAD_REQUEST, String.valueOf(e.getMessage()));
        } catch (PinRefusedException e) {
            fail(request, 409, "INSUFFICIENT_FUNDS", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.error("{} of a pin failed: {}", request.method(), e.getMessage());
            busy(request, "the store has trouble");
        }
    }

    private static void send(HttpServerRequest request, int status, JsonObject json) {
        Buffer body = Buffer.buffer(json.encode() + "\n");
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaderNames.CONTENT_TYPE, JSON)
                .putHeader(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length()))
                .end(body);
    }

    private static void busy(HttpServerRequest request, String details) {
        request.response().putHeader(HttpHeaderNames.RETRY_AFTER, "1");
        fail(request, 503, BUSY, details);
    }

    private static void notAllowed(HttpServerRequest request, String methods) {
        request.response().putHeader(HttpHeaderNames.ALLOW, methods);
        refuse(request, 405, "METHOD_NOT_ALLOWED", "allowed here: " + methods);
    }

    private static void fail(HttpServerRequest request, int status, String reason, String details) {
        send(request, status, failure(reason, details));
    }

    /** Refuses a request of which a body may come; on the event loop. */
    private static void refuse(HttpServerRequest request, int status, String reason, String details) {
        if (HttpMethod.GET.equals(request.method())) {
            fail(request, status, reason, details);
        } else {
            Reply.andClose(request, status, JSON, failure(reason, details).encode());
        }
    }

    private static JsonObject failure(String reason, String details) {
        return new JsonObject()
                .put("error", new JsonObject().put("reason", reason).put("details", details));
    }
}
