package dev.narsil.gateway.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them: decimal units, grouped digits. */
final class Units {

    private static final String[] PREFIXES = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final double STEP = 1000;

    private Units() {}

    /** Returns a number of bytes with one decimal, such as {@code 551.2 MB}. */
    static String bytes(long bytes) {
        return scaled((double) bytes);
    }

    /** Returns a rate such as {@code 43.1 MB/s}. */
    static String rate(double bytesPerSecond) {
        return scaled(bytesPerSecond) + "/s";
    }

    private static String scaled(double bytes) {
        double value = bytes;
        int prefix = 0;
        while (Math.abs(value) >= STEP - 0.05 && prefix < PREFIXES.length - 1) {
            value /= STEP;
            prefix++;
        }
        return prefix == 0
                ? String.format(Locale.ROOT, "%.0f B", value)
                : String.format(Locale.ROOT, "%.1f %s", value, PREFIXES[prefix]);
    }

    /** Returns a count with its digits grouped, such as {@code 1,234,567}. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Returns {@code count} and its noun, such as {@code 1 path} or {@code 2 paths}. */
    static String count(long count, String noun) {
        return count(count) + " " + noun + (count == 1 ? "" : "s");
    }

    /** Returns a part of a whole, such as {@code 0.84}; {@code -} where there is no whole. */
    static String ratio(long part, long whole) {
        return whole <= 0 ? "-" : String.format(Locale.ROOT, "%.2f", (double) part / (double) whole);
    }

    /** Returns a duration such as {@code 0:07}, {@code 12:30} or {@code 1:02:03}. */
    static String clock(Duration duration) {
        long seconds = duration.toSeconds();
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    /** Returns a duration in seconds with one decimal, such as {@code 12.3 s}. */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
