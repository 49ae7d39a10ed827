package dev.narsil.gateway.http;

import dev.narsil.gateway.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/** Serves the meters of the process, as Prometheus reads them. */
final class MetricsEndpoint implements Endpoint {

    /** Most scrapes at a time. */
    static final int MAX_SCRAPES = 2;

    private final Metrics metrics;
    private final StoreThreads storeThreads;
    private final Semaphore permits = new Semaphore(MAX_SCRAPES);

    MetricsEndpoint(Metrics metrics, StoreThreads storeThreads) {
        this.metrics = metrics;
        this.storeThreads = storeThreads;
    }

    /** Answers on a thread that may ask the store. */
    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        boolean head = Reply.isHead(request);
        if (!permits.tryAcquire()) {
            Reply.busy(request, "too many scrapes at a time");
            return;
        }
        boolean taken = false;
        try {
            Answering.run(request, storeThreads, () -> {
                try {
                    Document.of(Metrics.CONTENT_TYPE, metrics.scrape()).send(request.response(), head);
                } finally {
                    permits.release();
                }
            });
            taken = true;
        } catch (RejectedExecutionException e) {
            Reply.busy(request, "too many requests at a time");
        } finally {
            if (!taken) {
                permits.release();
            }
        }
    }
}
