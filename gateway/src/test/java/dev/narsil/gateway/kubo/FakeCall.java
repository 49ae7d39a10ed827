package dev.narsil.gateway.kubo;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call a {@link FakeKubo} got.
 *
 * @param options those of the query, with their values in order
 * @param headers by lower-case name
 * @param body without its coding
 */
public record FakeCall(
        String method,
        String command,
        Map<String, List<String>> options,
        Map<String, String> headers,
        InputStream body) {

    private static final String PREFIX = "/api/v0/";
    private static final Pattern BOUNDARY = Pattern.compile("multipart/form-data; boundary=(\\S{1,70})");

    static @Nullable FakeCall read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        String[] words = first.split(" ", -1);
        String[] target = words[1].split("\\?", 2);
        Map<String, List<String>> options = new LinkedHashMap<>();
        for (String pair : target.length < 2 ? new String[0] : target[1].split("&", -1)) {
            String[] parts = pair.split("=", 2);
            options.computeIfAbsent(FakeKubo.decoded(parts[0]), key -> new ArrayList<>())
                    .add(FakeKubo.decoded(parts[1]));
        }
        String command = target[0].startsWith(PREFIX) ? target[0].substring(PREFIX.length()) : target[0];
        InputStream body =
                "chunked".equals(headers.get("transfer-encoding")) ? new Chunks(in) : InputStream.nullInputStream();
        return new FakeCall(words[0], command, options, headers, body);
    }

    @Nullable
    String header(String name) {
        return headers.get(name);
    }

    @Nullable
    public String option(String name) {
        List<String> values = options.get(name);
        return values == null ? null : values.getFirst();
    }

    public String arg() {
        return Objects.requireNonNull(option("arg"));
    }

    /** Reads the body and returns the one file that is in it. */
    public byte[] file() throws IOException {
        Matcher type = BOUNDARY.matcher(headers.getOrDefault("content-type", ""));
        if (!type.matches()) {
            throw new IOException("no multipart body: " + headers);
        }
        String text = new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
        String delimiter = "--" + type.group(1);
        int from = text.indexOf("\r\n\r\n") + 4;
        int to = text.indexOf("\r\n" + delimiter + "--\r\n");
        if (!text.startsWith(delimiter + "\r\n") || to < from) {
            throw new EOFException("multipart body without its end");
        }
        return text.substring(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /** A body in chunks, which fails if it ends without the last one. */
    private static final class Chunks extends InputStream {

        private final InputStream in;
        private int left;
        private boolean atEnd;

        Chunks(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int off, int length) throws IOException {
            if (atEnd) {
                return -1;
            }
            if (left == 0) {
                String size = line(in);
                if (size.isEmpty()) {
                    throw new EOFException("the body ends without a last chunk");
                }
                left = Integer.parseInt(size, 16);
                if (left == 0) {
                    line(in);
                    atEnd = true;
                    return -1;
                }
            }
            int read = in.read(target, off, Math.min(length, left));
            if (read < 0) {
                throw new EOFException("the body ends in a chunk");
            }
            left -= read;
            if (left == 0) {
                line(in);
            }
            return read;
        }
    }
}
