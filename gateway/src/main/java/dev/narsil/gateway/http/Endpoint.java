package dev.narsil.gateway.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;

/** Answers the requests of one route. */
interface Endpoint {

    /** Answers one request, now or later. Called on the event loop of its connection, {@code context}; must not block. */
    void serve(HttpServerRequest request, Context context, Target target);
}
