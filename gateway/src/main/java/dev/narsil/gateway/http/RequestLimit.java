package dev.narsil.gateway.http;

import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds the requests whose response has not ended. */
final class RequestLimit {

    private final int max;
    private final AtomicInteger running = new AtomicInteger();

    RequestLimit(int max) {
        this.max = max;
    }

    /** Counts a request until its response ends or its connection closes; returns false if it is one too many. */
    boolean enter(HttpServerResponse response) {
        if (running.incrementAndGet() > max) {
            running.decrementAndGet();
            return false;
        }
        // called once, whichever comes first
        response.endHandler(v -> running.decrementAndGet());
        return true;
    }
}
