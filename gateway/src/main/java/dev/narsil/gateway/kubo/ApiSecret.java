package dev.narsil.gateway.kubo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** What a daemon with {@code API.Authorizations} wants to be sent; never told. */
public final class ApiSecret {

    /** Most bytes of one. */
    public static final int MAX_BYTES = 4 << 10;

    private static final String BEARER = "bearer:";
    private static final String BASIC = "basic:";

    private final String header;

    private ApiSecret(String header) {
        this.header = header;
    }

    /**
     * Reads what the configuration of Kubo has as {@code AuthSecret}: {@code bearer:<token>},
     * {@code basic:<user>:<password>}, {@code basic:<base64 of both>}, or a token.
     *
     * @throws IllegalArgumentException if it is anything else; the message does not tell it
     */
    public static ApiSecret parse(String text) {
        if (text.isEmpty() || text.length() > MAX_BYTES) {
            throw new IllegalArgumentException("a secret for Kubo has 1 to " + MAX_BYTES + " characters");
        }
        if (!text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException("a secret for Kubo is one line of printable ASCII");
        }
        if (text.startsWith(BEARER)) {
            return new ApiSecret("Bearer " + text.substring(BEARER.length()));
        }
        if (text.startsWith(BASIC)) {
            String pair = text.substring(BASIC.length());
            return new ApiSecret("Basic " + (pair.contains(":") ? base64(pair) : pair));
        }
        if (text.contains(":")) {
            throw new IllegalArgumentException("a secret for Kubo is bearer:<token> or basic:<user>:<password>");
        }
        return new ApiSecret("Bearer " + text);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads one from a file; white space around it is dropped.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if it has anything else; the message does not tell what
     */
    public static ApiSecret read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(new String(in.readNBytes(MAX_BYTES + 2), StandardCharsets.ISO_8859_1).strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** Returns the value of the header {@code Authorization}. */
    public String header() {
        return header;
    }

    @Override
    public String toString() {
        return "ApiSecret[...]";
    }
}
