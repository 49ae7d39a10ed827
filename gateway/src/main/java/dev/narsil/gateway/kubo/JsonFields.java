package dev.narsil.gateway.kubo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of an answer, of which each field is of the type that is asked for or the answer is not one of Kubo.
 */
final class JsonFields {

    private final JsonObject json;
    private final Function<String, KuboException> unintelligible;

    private JsonFields(JsonObject json, Function<String, KuboException> unintelligible) {
        this.json = json;
        this.unintelligible = unintelligible;
    }

    /**
     * Reads one from its UTF-8.
     *
     * @param unintelligible makes an error of what is wrong
     */
    static JsonFields parse(byte[] bytes, Function<String, KuboException> unintelligible) throws KuboException {
        try {
            return new JsonFields(new JsonObject(Buffer.buffer(bytes)), unintelligible);
        } catch (DecodeException | ClassCastException e) {
            throw unintelligible.apply("no JSON object in " + bytes.length + " bytes");
        }
    }

    /** Tells whether a field is there and not null. */
    boolean has(String name) {
        return json.getValue(name) != null;
    }

    String text(String name) throws KuboException {
        return optionalText(name).orElseThrow(() -> unintelligible.apply("there is no " + name));
    }

    Optional<String> optionalText(String name) throws KuboException {
        return switch (json.getValue(name)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            default -> throw wrong(name);
        };
    }

    /** Returns a number from 0 on; one that is too large for its type is its largest. */
    long count(String name) throws KuboException {
        return optionalCount(name).orElseThrow(() -> unintelligible.apply("there is no " + name));
    }

    OptionalLong optionalCount(String name) throws KuboException {
        long value = switch (json.getValue(name)) {
            case null -> -1;
            case Integer number when number >= 0 -> number;
            case Long number when number >= 0 -> number;
            case BigInteger number when number.signum() > 0 -> Long.MAX_VALUE;
            default -> throw wrong(name);
        };
        return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    Optional<Boolean> optionalFlag(String name) throws KuboException {
        return switch (json.getValue(name)) {
            case null -> Optional.empty();
            case Boolean flag -> Optional.of(flag);
            default -> throw wrong(name);
        };
    }

    /** Returns a field that is an object, or null. */
    @Nullable
    JsonFields object(String name) throws KuboException {
        return switch (json.getValue(name)) {
            case null -> null;
            case JsonObject object -> new JsonFields(object, unintelligible);
            default -> throw wrong(name);
        };
    }

    /** Returns a field that is a list of objects; empty if it is not there. */
    List<JsonFields> objects(String name) throws KuboException {
        List<JsonFields> objects = new ArrayList<>();
        for (Object value : list(name)) {
            if (!(value instanceof JsonObject object)) {
                throw wrong(name);
            }
            objects.add(new JsonFields(object, unintelligible));
        }
        return objects;
    }

    /** Returns a field that is a list of texts; empty if it is not there. */
    List<String> texts(String name) throws KuboException {
        List<String> texts = new ArrayList<>();
        for (Object value : list(name)) {
            if (!(value instanceof String text)) {
                throw wrong(name);
            }
            texts.add(text);
        }
        return texts;
    }

    private JsonArray list(String name) throws KuboException {
        return switch (json.getValue(name)) {
            case null -> new JsonArray();
            case JsonArray array -> array;
            default -> throw wrong(name);
        };
    }

    private KuboException wrong(String name) {
        return unintelligible.apply(name + " is of another type");
    }
}
