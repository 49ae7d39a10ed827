package dev.narsil.gateway.http;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.trustless.Provider;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells who has a block, as a delegated router does: this server, or nobody it knows of. */
final class ProvidersEndpoint implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(ProvidersEndpoint.class);

    private static final String JSON = "application/json";
    private static final String LINES = "application/x-ndjson";
    private static final String FILTER = "filter-protocols=";

    private final Services.Sharing sharing;
    private final StoreThreads storeThreads;
    private final Traffic traffic;

    ProvidersEndpoint(Services.Sharing sharing, StoreThreads storeThreads, Traffic traffic) {
        this.sharing = sharing;
        this.storeThreads = storeThreads;
        this.traffic = traffic;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        int question = target.name().indexOf('?');
        String query = question < 0 ? "" : target.name().substring(question + 1);
        Cid cid;
        try {
            cid = Cid.parse(question < 0 ? target.name() : target.name().substring(0, question));
        } catch (FormatException e) {
            Reply.text(request, 400, String.valueOf(e.getMessage()));
            return;
        }
        boolean told = !sharing.provider().addresses().isEmpty() && isWanted(query);
        try {
            Answering.run(request, storeThreads, () -> answer(request, cid, told));
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "too many requests at a time");
        }
    }

    /** Tells whether somebody who filters by protocol wants ours. */
    private static boolean isWanted(String query) {
        for (String part : query.split("&", -1)) {
            if (part.startsWith(FILTER)) {
                String protocols =
                        part.substring(FILTER.length()).replace("%2C", ",").replace("%2c", ",");
                return List.of(protocols.split(",", -1)).contains(Provider.PROTOCOL);
            }
        }
        return true;
    }

    private void answer(HttpServerRequest request, Cid cid, boolean told) {
        boolean known;
        try {
            known = told && sharing.paths().find(cid).isPresent();
        } catch (IOException e) {
            LOG.error("who has {} cannot be told: {}", cid, e.getMessage());
            Reply.busy(request, "the store has trouble");
            return;
        }
        String record = known ? sharing.provider().toJson() : "";
        boolean lines =
                request.headers().getAll(HttpHeaderNames.ACCEPT).stream().anyMatch(accept -> accept.contains(LINES));
        request.response().putHeader(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT);
        Document answer = lines
                ? Document.of(LINES, known ? record + "\n" : "")
                : Document.of(JSON, "{\"Providers\":[" + record + "]}\n");
        answer.send(request.response(), Reply.isHead(request));
    }
}
