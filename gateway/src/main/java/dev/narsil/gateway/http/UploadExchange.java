package dev.narsil.gateway.http;

import dev.narsil.gateway.upload.BodyLostException;
import dev.narsil.gateway.upload.BodyPipe;
import dev.narsil.gateway.upload.Upload;
import dev.narsil.gateway.upload.Verdict;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One PUT request and its answer, in two phases.
 *
 * <p>First the request is admitted, unread. A client that waits for {@code 100 Continue} may get any final status instead, and the
 * connection is closed, as the body that the request announces does not follow. Once the body may come, because it was asked for,
 * the client did not wait, or it waited for longer than {@link #ADMISSION_TIME}, only those statuses are left that no client repeats
 * the request after (protocol rule 14).
 */
final class UploadExchange implements Runnable {

    /** How long a client waits for sure before it sends its body unasked: curl does so after a second. */
    static final Duration ADMISSION_TIME = Duration.ofMillis(800);

    private static final Logger LOG = LoggerFactory.getLogger(UploadExchange.class);

    private final HttpServerRequest request;
    private final Context context;
    private final Upload upload;
    private final Connections connections;
    private final BodyPipe body;
    private final boolean waits;
    private final long length;
    private final long began = System.nanoTime();

    /** An exchange that has begun. To be made on the event loop of the request. */
    UploadExchange(
            HttpServerRequest request, Context context, Upload upload, BodyPipe.Pace pace, Connections connections) {
        this.request = request;
        this.context = context;
        this.upload = upload;
        this.connections = connections;
        body = new BodyPipe(pace);
        waits = isContinueExpected(request.headers());
        length = length(request.headers());
        body.onRoom(() -> context.runOnContext(v -> request.resume()));
        request.pause();
        request.handler(buffer -> {
            if (!body.offer(buffer.getBytes())) {
                request.pause();
            }
        });
        request.endHandler(v -> body.end());
        request.exceptionHandler(e -> body.lose());
        request.response().exceptionHandler(e -> body.lose());
        request.response().closeHandler(v -> body.lose());
        connections.responseBegan(request.connection());
    }

    private static boolean isContinueExpected(MultiMap headers) {
        return headers.contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
    }

    private static long length(MultiMap headers) {
        @Nullable String text = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (text == null) {
            return headers.contains(HttpHeaderNames.TRANSFER_ENCODING) ? Upload.UNKNOWN_LENGTH : 0;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Answers, on the event loop, that nobody has time for this. */
    void refuse() {
        upload.close();
        connections.responseEnded(request.connection());
        Verdict busy = Verdict.busy("too many uploads at a time");
        close(waits ? busy : busy.afterBody());
    }

    /** Answers, and returns when the client can send no more. */
    @Override
    public void run() {
        boolean settled = false;
        try (upload) {
            Optional<Verdict> early = upload.admit(length);
            if (early.isPresent()) {
                answerEarly(early.get());
            } else {
                context.runOnContext(v -> proceed());
                answer(upload.receive(body));
            }
            settled = true;
        } catch (BodyLostException e) {
            LOG.debug("upload of {} by {}: {}", request.path(), request.remoteAddress(), e.getMessage());
        } finally {
            connections.responseEnded(request.connection());
            if (!settled) {
                Connections.reset(request.connection());
            }
        }
    }

    private void answerEarly(Verdict verdict) throws BodyLostException {
        if (waits && System.nanoTime() - began < ADMISSION_TIME.toNanos()) {
            context.runOnContext(v -> close(verdict));
            return;
        }
        if (verdict.isStored()) {
            context.runOnContext(v -> proceed());
            drain();
        }
        answer(verdict);
    }

    private void drain() throws BodyLostException {
        try {
            body.drain();
        } catch (BodyLostException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("a body is lost or ends", e);
        }
    }

    private void proceed() {
        if (waits) {
            var _ = request.response().writeContinue();
        }
        request.resume();
    }

    private void answer(Verdict verdict) {
        Verdict last = verdict.afterBody();
        boolean complete = body.isComplete();
        context.runOnContext(v -> {
            if (complete) {
                Reply.text(request, last.status(), last.text());
            } else {
                close(last);
            }
        });
    }

    /** Answers while more of the body may come, which is dropped until the connection is closed. */
    private void close(Verdict verdict) {
        if (verdict.isBusy()) {
            request.response().putHeader(HttpHeaderNames.RETRY_AFTER, "1");
        }
        Reply.textAndClose(request, verdict.status(), verdict.text());
        body.drop();
        request.resume();
    }
}
