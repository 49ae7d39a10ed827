package dev.narsil.gateway.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of bytes as people write them: a whole number and a unit, such as {@code 10GB} (10^10) or {@code 512MiB}
 * (2^29); without a unit it is bytes.
 */
public final class ByteCount {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,15}) ?(B|[kMGT]B|[KMGT]iB)?");
    private static final Map<String, Long> UNITS = Map.of(
            "B", 1L,
            "kB", 1_000L,
            "MB", 1_000_000L,
            "GB", 1_000_000_000L,
            "TB", 1_000_000_000_000L,
            "KiB", 1L << 10,
            "MiB", 1L << 20,
            "GiB", 1L << 30,
            "TiB", 1L << 40);
    private static final String[] LARGEST_FIRST = {"TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB"};

    private ByteCount() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException with the reason if the text is none, or the number too large
     */
    public static long parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a number of bytes: a number and a unit, such as 512MiB or 10GB");
        }
        String unit = form.group(2);
        try {
            return Math.multiplyExact(Long.parseLong(form.group(1)), unit == null ? 1L : UNITS.getOrDefault(unit, 1L));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too many bytes", e);
        }
    }

    /** Returns the text of a number of bytes, in the largest unit that gives a whole number. */
    public static String print(long bytes) {
        for (String name : LARGEST_FIRST) {
            long unit = UNITS.getOrDefault(name, 1L);
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + name;
            }
        }
        return bytes + "B";
    }
}
