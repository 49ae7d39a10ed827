package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.ipfs.cid.Cid;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a service says of a request: the object {@code PinStatus} of the API.
 *
 * @param requestId by which the service knows it
 * @param state what has become of it
 * @param created when the service took it
 * @param pin what was asked for
 * @param delegates multiaddrs of who fetches and keeps for the service
 * @param info whatever else, by key
 */
public record PinStatus(
        String requestId, PinState state, Instant created, Pin pin, List<String> delegates, Map<String, String> info) {

    /** Most bytes of a document with one. */
    public static final int MAX_BYTES = 256 << 10;

    /** Most characters of an id. */
    public static final int MAX_ID = 255;

    /** Key of {@link #info} with words for people. */
    public static final String DETAILS = "status_details";

    /** Key of {@link #info} with the bytes of the blocks. */
    public static final String DAG_SIZE = "dag_size";

    private static final int MAX_TIME = 64;
    private static final int MAX_INFO = 1000;
    private static final int MAX_INFO_TEXT = 4096;

    public PinStatus {
        delegates = List.copyOf(delegates);
        info = Collections.unmodifiableMap(new TreeMap<>(info));
    }

    /** Reads one from its UTF-8. */
    public static PinStatus parse(byte[] bytes) throws PinFormatException {
        return parse(ApiObject.parse("pin status", bytes));
    }

    /** Reads one; of the pin its CID and name, as the rest of it and what the API does not know is of no use. */
    public static PinStatus parse(ApiObject status) throws PinFormatException {
        ApiObject pin = status.object("pin");
        String state = status.text("status", MAX_TIME);
        String id = status.text("requestid", MAX_ID);
        if (id.isEmpty()) {
            throw new PinFormatException("pin status: requestid is empty");
        }
        return new PinStatus(
                id,
                PinState.of(state).orElseThrow(() -> new PinFormatException("pin status: status is none of the four")),
                time(status.text("created", MAX_TIME)),
                new Pin(
                        Pin.cid(pin.text("cid", Cid.MAX_TEXT_LENGTH)),
                        pin.optionalText("name", MAX_INFO_TEXT).orElse(""),
                        List.of()),
                status.texts("delegates", MAX_INFO, Pin.MAX_ADDRESS),
                status.map("info", MAX_INFO, MAX_INFO_TEXT));
    }

    /** Reads a time of the API. */
    public static Instant time(String text) throws PinFormatException {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new PinFormatException("a time is written as 2026-11-21T18:00:00.000Z (RFC 3339)");
        }
    }

    /** Returns the document. */
    public JsonObject toJson() {
        JsonObject json = new JsonObject()
                .put("requestid", requestId)
                .put("status", state.toString())
                .put("created", created.toString())
                .put("pin", pin.toJson())
                .put("delegates", new JsonArray(delegates));
        if (!info.isEmpty()) {
            JsonObject entries = new JsonObject();
            info.forEach(entries::put);
            json.put("info", entries);
        }
        return json;
    }
}
