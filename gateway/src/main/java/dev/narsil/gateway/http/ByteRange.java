package dev.narsil.gateway.http;

import java.util.Locale;

/**
 * The part of a body that a request asks for (RFC 9110, 14). One range of bytes is understood; several, another unit,
 * or what is malformed count as none, so that the whole body is sent.
 *
 * @param kind whether it is the whole, a part, or nothing that could be sent
 * @param from offset of the first byte
 * @param length number of bytes
 */
record ByteRange(Kind kind, long from, long length) {

    enum Kind {
        WHOLE,
        PART,
        UNSATISFIABLE
    }

    private static final String UNIT = "bytes=";

    /** All of a body of {@code size} bytes. */
    static ByteRange whole(long size) {
        return new ByteRange(Kind.WHOLE, 0, size);
    }

    /** Reads the value of a {@code Range} header for a body of {@code size} bytes. */
    static ByteRange parse(String header, long size) {
        if (!header.toLowerCase(Locale.ROOT).startsWith(UNIT)) {
            return whole(size);
        }
        String spec = header.substring(UNIT.length()).strip();
        int dash = spec.indexOf('-');
        if (dash < 0) {
            return whole(size);
        }
        String first = spec.substring(0, dash);
        String last = spec.substring(dash + 1);
        if (!isDigits(first) || !isDigits(last) || spec.length() == 1) {
            return whole(size);
        }
        if (first.isEmpty()) {
            long length = Math.min(number(last), size);
            return length == 0 ? unsatisfiable() : new ByteRange(Kind.PART, size - length, length);
        }
        long from = number(first);
        long to = last.isEmpty() ? Long.MAX_VALUE : number(last);
        if (to < from) {
            return whole(size);
        }
        if (from >= size) {
            return unsatisfiable();
        }
        return new ByteRange(Kind.PART, from, Math.min(to, size - 1) - from + 1);
    }

    /** Returns the value of {@code Content-Range} for this part of a body of {@code size} bytes. */
    String contentRange(long size) {
        return kind == Kind.UNSATISFIABLE
                ? "bytes */" + size
                : "bytes " + from + "-" + (from + length - 1) + "/" + size;
    }

    private static ByteRange unsatisfiable() {
        return new ByteRange(Kind.UNSATISFIABLE, 0, 0);
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** Returns the number some digits say, or the largest there is. */
    private static long number(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                return Long.MAX_VALUE;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
