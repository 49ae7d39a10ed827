package dev.narsil.gateway.replicas;

import dev.narsil.gateway.source.HttpConnections;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Requests to one donor, one after the other: paced, bounded in bytes and time, and repeated where that may help. */
final class DonorHttp {

    /**
     * How requests are paced and repeated.
     *
     * @param answer most time for an answer
     * @param interval least time between two requests
     * @param firstDelay before the second attempt; doubled before each later one
     * @param maxDelay most there is between attempts; a donor that asks for more is left alone
     */
    record Pace(Duration answer, Duration interval, Duration firstDelay, Duration maxDelay) {

        static final Pace DEFAULT =
                new Pace(Duration.ofSeconds(30), Duration.ofMillis(50), Duration.ofMillis(500), Duration.ofSeconds(30));
    }

    /** What was answered. */
    @SuppressWarnings("ArrayRecordComponent")
    record Response(int status, byte[] body, @Nullable String retryAfter) {}

    /** Most attempts of one request. */
    static final int MAX_ATTEMPTS = 4;

    private static final System.Logger LOG = System.getLogger(DonorHttp.class.getName());
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final String name;
    private final HttpClient client;
    private final Pace pace;
    private final CountDownLatch closed;
    private long next = System.nanoTime();

    /**
     * Requests to the donor of this name.
     *
     * @param closed ends pauses, and what waits for an answer
     */
    DonorHttp(String name, HttpClient client, Pace pace, CountDownLatch closed) {
        this.name = name;
        this.client = client;
        this.pace = pace;
        this.closed = closed;
    }

    /**
     * Sends a request until it is answered, at most {@link #MAX_ATTEMPTS} times: again where no answer came, or one that
     * says that it may help (408, 429, 5xx).
     *
     * @param body what is sent as JSON; null for nothing
     * @param maxBytes a longer answer is none
     * @throws DonorException AWAY if there is no answer, UNINTELLIGIBLE if it is too long
     */
    Response send(HttpMethod method, URI uri, Map<String, String> headers, @Nullable Buffer body, int maxBytes)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            String reason;
            Duration delay = pace.firstDelay().multipliedBy(1L << (attempt - 1));
            try {
                pause(Duration.ofNanos(next - System.nanoTime()));
                Response response = once(method, uri, headers, body, maxBytes);
                if (!mayHelp(response.status())) {
                    return response;
                }
                reason = "HTTP status " + response.status();
                Duration wanted = seconds(response.retryAfter());
                if (wanted.compareTo(pace.maxDelay()) > 0) {
                    throw new DonorException(
                            DonorException.Kind.AWAY,
                            name + ": " + reason + ", and to be left alone for " + wanted.toSeconds() + " s");
                }
                delay = wanted.compareTo(delay) > 0 ? wanted : delay;
            } catch (InterruptedIOException | DonorException e) {
                throw e;
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            } finally {
                next = System.nanoTime() + pace.interval().toNanos();
            }
            if (attempt == MAX_ATTEMPTS) {
                throw new DonorException(DonorException.Kind.AWAY, name + ": " + reason);
            }
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1}; tried again", name, reason);
            long full = Math.min(delay.toMillis(), pace.maxDelay().toMillis());
            pause(Duration.ofMillis(full + ThreadLocalRandom.current().nextLong(full / 4 + 1)));
        }
    }

    private static boolean mayHelp(int status) {
        return status == 408 || status == TOO_MANY_REQUESTS || status >= SERVER_ERROR;
    }

    /** Reads a {@code Retry-After}; the form with a date counts as one that is not there. */
    private static Duration seconds(@Nullable String retryAfter) {
        return retryAfter != null && retryAfter.matches("[0-9]{1,9}")
                ? Duration.ofSeconds(Long.parseLong(retryAfter))
                : Duration.ZERO;
    }

    private void pause(Duration time) throws InterruptedIOException {
        try {
            if (closed.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS)) {
                throw new InterruptedIOException("stopped");
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    private Response once(HttpMethod method, URI uri, Map<String, String> headers, @Nullable Buffer body, int maxBytes)
            throws IOException {
        AtomicReference<@Nullable HttpClientRequest> begun = new AtomicReference<>();
        CompletableFuture<Response> answer = request(method, uri)
                .compose(request -> {
                    begun.set(request);
                    // that of one that is given up on purpose too, which is logged as an error otherwise
                    request.exceptionHandler(e -> LOG.log(System.Logger.Level.DEBUG, "a request ended", e));
                    request.putHeader("User-Agent", "narsil");
                    headers.forEach(request::putHeader);
                    if (body != null) {
                        request.putHeader("Content-Type", "application/json");
                    }
                    Future<HttpClientResponse> response = body == null ? request.send() : request.send(body);
                    return response.compose(head -> gather(request, head, maxBytes));
                })
                .toCompletionStage()
                .toCompletableFuture();
        try {
            return answer.get(pace.answer().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            abandon(begun);
            throw new IOException("no answer for " + pace.answer().toMillis() + " ms", e);
        } catch (InterruptedException e) {
            abandon(begun);
            throw interrupted();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DonorException failure) {
                throw failure;
            }
            throw new IOException(HttpConnections.reason(e.getCause() == null ? e : e.getCause()), e);
        }
    }

    private Future<HttpClientRequest> request(HttpMethod method, URI uri) {
        try {
            return client.request(new RequestOptions().setMethod(method).setAbsoluteURI(uri.toString()));
        } catch (IllegalStateException e) {
            // closed by another thread
            return Future.failedFuture(e);
        }
    }

    private static void abandon(AtomicReference<@Nullable HttpClientRequest> begun) {
        HttpClientRequest request = begun.get();
        if (request != null) {
            request.reset();
        }
    }

    private Future<Response> gather(HttpClientRequest request, HttpClientResponse head, int maxBytes) {
        Buffer body = Buffer.buffer();
        CompletableFuture<Response> whole = new CompletableFuture<>();
        head.exceptionHandler(whole::completeExceptionally);
        head.handler(piece -> {
            if (body.length() + piece.length() > maxBytes) {
                whole.completeExceptionally(new DonorException(
                        DonorException.Kind.UNINTELLIGIBLE, name + ": an answer of more than " + maxBytes + " bytes"));
                request.reset();
            } else {
                body.appendBuffer(piece);
            }
        });
        head.endHandler(
                v -> whole.complete(new Response(head.statusCode(), body.getBytes(), head.getHeader("Retry-After"))));
        return Future.fromCompletionStage(whole);
    }
}
