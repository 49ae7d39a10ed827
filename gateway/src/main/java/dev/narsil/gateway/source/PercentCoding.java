package dev.narsil.gateway.source;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Percent-encoded parts of URLs (RFC 3986), in which {@code +} is a plus. */
public final class PercentCoding {

    private PercentCoding() {}

    /** Returns the directory a {@code file:} URL names. */
    static Path filePath(String url) {
        String rest = url.substring("file:".length());
        if (rest.startsWith("//")) {
            rest = rest.substring(2);
            rest = rest.startsWith("localhost/") ? rest.substring("localhost".length()) : rest;
        }
        String path = decode(rest.split("[?#]", 2)[0]);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("a file URL names an absolute path, as file:///dir: '" + url + "'");
        }
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not the name of a directory: '" + url + "'", e);
        }
    }

    /**
     * Returns {@code text} with each {@code %XX} as the byte it stands for, read as UTF-8.
     *
     * @throws IllegalArgumentException if two hex digits do not follow a {@code %}
     */
    public static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("two hex digits follow a '%' in a URL");
            }
            decoded.write(high << 4 | low);
            i += 2;
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
