package dev.narsil.gateway.source;

import io.vertx.core.MultiMap;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Status and headers of an answer to a GET.
 *
 * @param uri what was asked for, after redirections
 * @param status the status code
 * @param headers names are not case-sensitive
 */
public record HttpHead(URI uri, int status, MultiMap headers) {

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final int MAX_RETRY_AFTER_DIGITS = 6;

    /** Tells whether the same request may be answered another time, by the rules of Nix. */
    public boolean isTransient() {
        return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505 && status != 511);
    }

    /** Tells whether this says that there is no such file; a cache in a bucket may say 403. */
    public boolean isAbsent() {
        return status == 404 || status == 403 || status == 410;
    }

    /** Tells whether the file is elsewhere. */
    boolean isRedirection() {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /** Returns the first value of a header, or null. */
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    /** Returns how long the server asks to wait, in its form as seconds; zero if it does not. */
    public Duration retryAfter() {
        String value = header("Retry-After");
        return value != null && value.length() <= MAX_RETRY_AFTER_DIGITS && value.matches("\\d+")
                ? Duration.ofSeconds(Long.parseLong(value))
                : Duration.ZERO;
    }

    /** Returns the length of the body, or -1. */
    public long contentLength() {
        String value = header("Content-Length");
        return value != null && value.matches("\\d{1,18}") ? Long.parseLong(value) : -1;
    }

    /** Returns the length of the whole file, of which the body may be a range, or -1. */
    public long fileLength() {
        if (status != 206) {
            return contentLength();
        }
        String value = header("Content-Range");
        Matcher range = CONTENT_RANGE.matcher(value == null ? "" : value);
        return range.matches() && !range.group(3).equals("*") ? Long.parseLong(range.group(3)) : -1;
    }

    /** Returns the coding of the body, or null if it comes as it is. */
    public @Nullable String contentCoding() {
        String coding = header("Content-Encoding");
        return coding == null || coding.equals("identity") ? null : coding;
    }

    /** Tells whether this is the rest of a file from {@code from} on; {@code total} is its length, or -1. */
    public boolean isRest(long from, long total) {
        String value = header("Content-Range");
        Matcher range = CONTENT_RANGE.matcher(value == null ? "" : value);
        if (status != 206 || !range.matches() || Long.parseLong(range.group(1)) != from) {
            return false;
        }
        return range.group(3).equals("*")
                || total < 0
                || (Long.parseLong(range.group(3)) == total && Long.parseLong(range.group(2)) == total - 1);
    }
}
