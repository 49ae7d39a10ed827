package dev.narsil.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;

/** A real HTTP server of narinfos that answers each request after a latency. */
final class LatentCache implements AutoCloseable {

    private static final String SUFFIX = ".narinfo";

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, byte[]> narInfos;
    private final long latencyMillis;
    private final HttpServer server;

    LatentCache(Map<String, byte[]> narInfos, long latencyMillis) {
        this.narInfos = narInfos;
        this.latencyMillis = latencyMillis;
        this.server = vertx.createHttpServer()
                .requestHandler(request -> vertx.setTimer(latencyMillis, id -> answer(request)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void answer(HttpServerRequest request) {
        String path = request.path();
        byte[] text = path.endsWith(SUFFIX) ? narInfos.get(path.substring(1, path.length() - SUFFIX.length())) : null;
        if (text == null) {
            request.response().setStatusCode(404).end();
        } else {
            request.response().end(Buffer.buffer(text));
        }
    }

    int port() {
        return server.actualPort();
    }

    long latencyMillis() {
        return latencyMillis;
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
