package dev.narsil.gateway.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that answers a request, away from its event loop. What it throws is logged, once, and answered 500. */
final class Answering {

    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

    private Answering() {}

    /**
     * Has {@code work} answer a request on another thread.
     *
     * @throws java.util.concurrent.RejectedExecutionException if {@code threads} have no room
     */
    static void run(HttpServerRequest request, Executor threads, Runnable work) {
        watch(request, CompletableFuture.runAsync(work, threads));
    }

    /** Answers a request whose answer is under way if that fails. */
    static void watch(HttpServerRequest request, CompletionStage<Void> work) {
        var _ = work.exceptionally(failure -> {
            LOG.error("{} {} failed", request.method(), request.path(), failure);
            Reply.failed(request);
            return null;
        });
    }
}
