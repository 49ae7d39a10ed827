package dev.narsil.blockstore.ipfs.dagcbor;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Any value of dag-cbor as what Java has for it: Long, String, byte[], List, Map, Cid, Boolean, null. */
public final class CborTree {

    private CborTree() {}

    /** Reads a block. */
    public static @Nullable Object read(byte[] block) throws FormatException {
        CborReader reader = new CborReader("value", block);
        Object value = read(reader);
        reader.finish();
        return value;
    }

    private static @Nullable Object read(CborReader reader) throws FormatException {
        return switch (reader.kind()) {
            case INTEGER -> reader.integer();
            case BYTES -> reader.bytes();
            case TEXT -> reader.text();
            case LINK -> reader.link();
            case BOOLEAN -> reader.bool();
            case NULL -> {
                reader.nothing();
                yield null;
            }
            case ARRAY -> {
                int count = reader.array();
                List<@Nullable Object> values = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    values.add(read(reader));
                }
                yield values;
            }
            case MAP -> {
                int count = reader.map();
                Map<String, @Nullable Object> entries = new LinkedHashMap<>();
                for (int i = 0; i < count; i++) {
                    entries.put(reader.key(), read(reader));
                }
                yield entries;
            }
        };
    }

    /** Writes a block; the keys of maps come in the order of the map. */
    public static byte[] write(@Nullable Object value) {
        CborWriter writer = new CborWriter();
        write(writer, value);
        return writer.finish();
    }

    private static void write(CborWriter writer, @Nullable Object value) {
        switch (value) {
            case null -> writer.nothing();
            case Long number -> writer.integer(number);
            case String text -> writer.text(text);
            case byte[] bytes -> writer.bytes(bytes);
            case Cid cid -> writer.link(cid);
            case Boolean bool -> writer.bool(bool);
            case List<?> values -> {
                writer.array(values.size());
                values.forEach(element -> write(writer, element));
            }
            case Map<?, ?> entries -> {
                writer.map(entries.size());
                entries.forEach((key, element) -> write(writer.key((String) key), element));
            }
            default -> throw new IllegalArgumentException("no value of dag-cbor: " + value);
        }
    }
}
