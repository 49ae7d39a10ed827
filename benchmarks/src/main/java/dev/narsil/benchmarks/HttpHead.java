package dev.narsil.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The first line and the header fields of an HTTP/1.1 request or response, as they stand on the wire.
 *
 * @param first request line or status line
 * @param fields {@code Name: value}, in their order
 */
public record HttpHead(String first, List<String> fields) {

    /** Longest head that is read, in bytes. */
    static final int MAX_BYTES = 64 << 10;

    public HttpHead {
        fields = List.copyOf(fields);
    }

    /**
     * Reads a head up to its empty line; empty if the stream ends before it begins.
     *
     * @throws IOException if it is cut off, or longer than {@link #MAX_BYTES}
     */
    public static Optional<HttpHead> read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int length = 0; length < MAX_BYTES; length++) {
            int c = in.read();
            if (c < 0) {
                if (length == 0) {
                    return Optional.empty();
                }
                throw new EOFException("the connection was closed in the middle of a head");
            }
            if (c == '\n') {
                if (line.isEmpty()) {
                    if (lines.isEmpty()) {
                        throw new IOException("a head without a first line");
                    }
                    return Optional.of(new HttpHead(lines.getFirst(), lines.subList(1, lines.size())));
                }
                lines.add(line.toString());
                line.setLength(0);
            } else if (c != '\r') {
                line.append((char) c);
            }
        }
        throw new IOException("a head of more than " + MAX_BYTES + " bytes");
    }

    /** The method of a request. */
    public String method() {
        return word(0);
    }

    /** The target of a request, path and query. */
    public String target() {
        return word(1);
    }

    /** The status of a response. */
    public int status() throws IOException {
        try {
            return Integer.parseInt(word(1));
        } catch (NumberFormatException e) {
            throw new IOException("not a status line: '" + first + "'", e);
        }
    }

    private String word(int number) {
        String[] words = first.split(" ", -1);
        return number < words.length ? words[number] : "";
    }

    /** Returns the value of the first field of this name. */
    public Optional<String> field(String name) {
        return fields.stream()
                .filter(field -> is(field, name))
                .map(field -> field.substring(name.length() + 1).trim())
                .findFirst();
    }

    /** Returns the value of {@code Content-Length}. */
    public OptionalLong contentLength() throws IOException {
        Optional<String> value = field("Content-Length");
        try {
            return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value.get()));
        } catch (NumberFormatException e) {
            throw new IOException("not a length: '" + value.get() + "'", e);
        }
    }

    /** Returns this head without the fields of the name, and with one of it if {@code value} is not empty. */
    public HttpHead with(String name, String value) {
        List<String> changed = new ArrayList<>();
        for (String field : fields) {
            if (!is(field, name)) {
                changed.add(field);
            }
        }
        if (!value.isEmpty()) {
            changed.add(name + ": " + value);
        }
        return new HttpHead(first, changed);
    }

    private static boolean is(String field, String name) {
        return field.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":");
    }

    /** Returns the bytes on the wire, empty line included. */
    public byte[] bytes() {
        StringBuilder text = new StringBuilder(first).append("\r\n");
        for (String field : fields) {
            text.append(field).append("\r\n");
        }
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
