package dev.narsil.gateway.pinning;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A JSON object somebody sent, of which each field is of the type and within the bounds that are asked for. */
public final class ApiObject {

    private final String what;
    private final JsonObject json;

    private ApiObject(String what, JsonObject json) {
        this.what = what;
        this.json = json;
    }

    /**
     * Reads one from its UTF-8.
     *
     * @param what its name in errors
     * @throws PinFormatException if it is no JSON object
     */
    public static ApiObject parse(String what, byte[] bytes) throws PinFormatException {
        try {
            return new ApiObject(what, new JsonObject(Buffer.buffer(bytes)));
        } catch (DecodeException | ClassCastException e) {
            throw new PinFormatException(what + ": no JSON object in " + bytes.length + " bytes");
        }
    }

    /** Returns a text; it must be there. */
    public String text(String name, int maxLength) throws PinFormatException {
        return optionalText(name, maxLength).orElseThrow(() -> wrong(name, "is missing"));
    }

    /** Returns a text; empty if it is not there. */
    public Optional<String> optionalText(String name, int maxLength) throws PinFormatException {
        return switch (json.getValue(name)) {
            case null -> Optional.empty();
            case String text -> Optional.of(bounded(name, text, maxLength));
            default -> throw wrong(name, "is no text");
        };
    }

    /** Returns a number from 0 on; it must be there. */
    public int count(String name) throws PinFormatException {
        if (json.getValue(name) instanceof Integer number && number >= 0) {
            return number;
        }
        throw wrong(name, "is no number from 0 on");
    }

    /** Returns an object; it must be there. */
    public ApiObject object(String name) throws PinFormatException {
        if (json.getValue(name) instanceof JsonObject object) {
            return new ApiObject(what + "." + name, object);
        }
        throw wrong(name, "is no object");
    }

    /** Returns the names of the fields. */
    public Set<String> names() {
        return json.fieldNames();
    }

    /** Returns a list of objects; it must be there. */
    public List<ApiObject> objects(String name, int max) throws PinFormatException {
        if (!(json.getValue(name) instanceof JsonArray array)) {
            throw wrong(name, "is no list");
        }
        List<ApiObject> objects = new ArrayList<>();
        for (Object element : bounded(name, array, max)) {
            if (!(element instanceof JsonObject object)) {
                throw wrong(name, "has something that is no object");
            }
            objects.add(new ApiObject(what + "." + name, object));
        }
        return objects;
    }

    /** Returns a list of texts, each once; empty if it is not there. */
    public List<String> texts(String name, int max, int maxLength) throws PinFormatException {
        List<String> texts = new ArrayList<>();
        if (json.getValue(name) == null) {
            return texts;
        }
        if (!(json.getValue(name) instanceof JsonArray array)) {
            throw wrong(name, "is no list");
        }
        for (Object element : bounded(name, array, max)) {
            if (!(element instanceof String text)) {
                throw wrong(name, "has something that is no text");
            }
            if (!texts.contains(bounded(name, text, maxLength))) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** Returns an object of texts, by name; empty if it is not there. */
    public Map<String, String> map(String name, int max, int maxLength) throws PinFormatException {
        return json.getValue(name) == null ? Map.of() : object(name).map(max, maxLength);
    }

    /** Returns this object as one of texts, by name. */
    Map<String, String> map(int max, int maxLength) throws PinFormatException {
        if (json.size() > max) {
            throw new PinFormatException(what + " has " + json.size() + " entries");
        }
        Map<String, String> map = new TreeMap<>();
        for (String key : json.fieldNames()) {
            var _ = bounded("a key", key, maxLength);
            map.put(key, text(key, maxLength));
        }
        return map;
    }

    private JsonArray bounded(String name, JsonArray array, int max) throws PinFormatException {
        if (array.size() > max) {
            throw wrong(name, "has " + array.size() + " elements");
        }
        return array;
    }

    private String bounded(String name, String text, int max) throws PinFormatException {
        if (text.length() > max) {
            throw wrong(name, "has " + text.length() + " characters");
        }
        return text;
    }

    private PinFormatException wrong(String name, String reason) {
        // a name may be that of a stranger
        String told = name.length() <= 64 ? name.replaceAll("[^ -~]", "?") : "a field";
        return new PinFormatException(what + ": " + told + " " + reason);
    }
}
