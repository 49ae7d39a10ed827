package dev.narsil.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** A response as it came over the wire; header names in lower case. */
@SuppressWarnings("ArrayRecordComponent")
record RawResponse(int status, Map<String, String> headers, byte[] body) {

    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
