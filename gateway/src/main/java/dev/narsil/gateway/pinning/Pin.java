package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What somebody wants to be kept: the object {@code Pin} of the API.
 *
 * @param cid all that is below it
 * @param name for people; may be empty
 * @param origins multiaddrs of who has it
 * @param meta whatever else, by key
 */
public record Pin(Cid cid, String name, List<String> origins, Map<String, String> meta) {

    /** Most bytes of a document with one. */
    public static final int MAX_BYTES = 16 << 10;

    /** Most characters of a name (the API's bound). */
    public static final int MAX_NAME = 255;

    /** Most origins and most delegates (the API's bound). */
    public static final int MAX_ADDRESSES = 20;

    /** Most characters of a multiaddr. */
    public static final int MAX_ADDRESS = 512;

    /** Most entries of meta; the API allows 1000, which nobody who gives space has to. */
    public static final int MAX_META = 32;

    /** Most characters of a key and of a value of meta. */
    public static final int MAX_META_TEXT = 128;

    public Pin {
        origins = List.copyOf(origins);
        meta = Collections.unmodifiableMap(new TreeMap<>(meta));
    }

    /** One without meta. */
    public Pin(Cid cid, String name, List<String> origins) {
        this(cid, name, origins, Map.of());
    }

    /** Reads one from its UTF-8; what the API does not know is not looked at. */
    public static Pin parse(byte[] bytes) throws PinFormatException {
        return parse(ApiObject.parse("pin", bytes));
    }

    /** Reads one. */
    public static Pin parse(ApiObject pin) throws PinFormatException {
        return new Pin(
                cid(pin.text("cid", Cid.MAX_TEXT_LENGTH)),
                pin.optionalText("name", MAX_NAME).orElse(""),
                pin.texts("origins", MAX_ADDRESSES, MAX_ADDRESS),
                pin.map("meta", MAX_META, MAX_META_TEXT));
    }

    static Cid cid(String text) throws PinFormatException {
        try {
            return Cid.parse(text);
        } catch (FormatException e) {
            throw new PinFormatException(String.valueOf(e.getMessage()));
        }
    }

    /** Returns the document. */
    public JsonObject toJson() {
        JsonObject json = new JsonObject().put("cid", cid.toString());
        if (!name.isEmpty()) {
            json.put("name", name);
        }
        if (!origins.isEmpty()) {
            json.put("origins", new JsonArray(origins));
        }
        if (!meta.isEmpty()) {
            JsonObject entries = new JsonObject();
            meta.forEach(entries::put);
            json.put("meta", entries);
        }
        return json;
    }
}
