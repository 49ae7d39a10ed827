package dev.narsil.gateway.pinning;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One page of a list of requests: the object {@code PinResults} of the API.
 *
 * @param count how many there are, also on later pages
 * @param results the latest of them first
 */
public record PinResults(int count, List<PinStatus> results) {

    /** Most requests on a page (the API's bound). */
    public static final int MAX_RESULTS = 1000;

    /** Most bytes of a document with one. */
    public static final int MAX_BYTES = 4 << 20;

    public PinResults {
        results = List.copyOf(results);
    }

    /** Returns the document. */
    public JsonObject toJson() {
        JsonArray array = new JsonArray();
        results.forEach(status -> array.add(status.toJson()));
        return new JsonObject().put("count", count).put("results", array);
    }
}
