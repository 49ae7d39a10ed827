package dev.narsil.gateway.kubo;

import dev.narsil.gateway.source.HttpBody;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call under way. Closing it before its answer has been read to its end closes the connection: Kubo gives up the
 * command.
 */
final class Exchange implements AutoCloseable {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Rpc rpc;
    private final Command command;
    private final HttpClient client;
    private final Duration patience;
    private final @Nullable String boundary;
    private final CompletableFuture<HttpClientRequest> request = new CompletableFuture<>();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private volatile long deadline;
    private volatile long timer;
    private volatile @Nullable Duration late;
    private volatile boolean closed;

    /**
     * One that was not started yet.
     *
     * @param client whose connections are used; that of an upload is closed with it
     * @param boundary of the parts of the body of an upload; null if it is none
     */
    Exchange(Rpc rpc, Command command, HttpClient client, Duration patience, @Nullable String boundary) {
        this.rpc = rpc;
        this.command = command;
        this.client = client;
        this.patience = patience;
        this.boundary = boundary;
        prolong();
    }

    void start(Function<HttpClientRequest, Future<HttpClientResponse>> sending) {
        try {
            watch();
            send(sending);
        } catch (RejectedExecutionException e) {
            // the event loops are closed
            request.completeExceptionally(e);
            answer.completeExceptionally(e);
        }
    }

    private void send(Function<HttpClientRequest, Future<HttpClientResponse>> sending) {
        rpc.request(client, command)
                .compose(begun -> {
                    Future<HttpClientResponse> response = sending.apply(begun);
                    request.complete(begun);
                    if (late != null || closed) {
                        begun.reset();
                    }
                    // here, so that it runs in the handler that hears of the response
                    return response.map(this::answered);
                })
                .onComplete(answer::complete, failure -> {
                    request.completeExceptionally(failure);
                    answer.completeExceptionally(failure);
                });
    }

    /** Called on the event loop, in the handler that hears of the response. */
    private Answer answered(HttpClientResponse response) {
        Duration longest = command.time().plus(rpc.limits().margin()).plus(patience);
        return new Answer(rpc, this, command, response, new HttpBody(response.request(), response, longest));
    }

    /** Says that the daemon was heard of: its time begins anew. */
    void prolong() {
        deadline = System.nanoTime() + patience.toNanos();
    }

    private void watch() {
        long left = deadline - System.nanoTime();
        if (closed) {
            return;
        }
        if (left <= 0) {
            giveUp(patience);
        } else {
            timer = rpc.vertx().setTimer(left / NANOS_PER_MILLI + 1, id -> watch());
        }
    }

    private void giveUp(Duration silence) {
        late = silence;
        abandon();
    }

    /** Begins the body of an upload, which is to be written on one thread. */
    MultipartBody body() throws IOException {
        Duration stall = rpc.limits().call();
        try {
            MultipartBody begun =
                    new MultipartBody(request.get(), Objects.requireNonNull(boundary), stall, () -> giveUp(stall));
            var _ = answer.whenComplete((value, failure) -> begun.stop());
            return begun;
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * Waits for the answer.
     *
     * @throws KuboException if it is an error, or there is none
     */
    Answer answer() throws IOException {
        try {
            Answer begun = answer.get();
            begun.expectOk();
            return begun;
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    /** Returns what the failure of a connection means. */
    IOException failure(Throwable failure) {
        if (failure instanceof InterruptedIOException interrupted) {
            return interrupted;
        }
        Duration silence = late;
        if (silence != null) {
            return new KuboException(
                    KuboException.Kind.LATE,
                    command + ": " + rpc.daemon() + " did nothing for " + silence.toMillis() + " ms",
                    failure);
        }
        return rpc.unreachable(command, failure);
    }

    private void abandon() {
        IOException gone = new IOException("given up");
        request.completeExceptionally(gone);
        answer.completeExceptionally(gone);
        HttpClientRequest begun = begun();
        if (begun != null) {
            begun.reset();
        }
    }

    private @Nullable HttpClientRequest begun() {
        return request.isCompletedExceptionally() ? null : request.getNow(null);
    }

    @Override
    public void close() {
        closed = true;
        rpc.vertx().cancelTimer(timer);
        Answer begun = answer.isCompletedExceptionally() ? null : answer.getNow(null);
        if (begun == null) {
            abandon();
        } else {
            begun.close();
        }
        if (boundary != null) {
            rpc.uploaded(client);
        }
    }
}
