package dev.narsil.gateway.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a whole number and one unit, such as {@code 90d}, {@code 2m} or {@code 500ms}. */
public final class TimeSpan {

    /** Longest one. */
    public static final Duration MAX = Duration.ofDays(36_500);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d|w)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS.getDuration(),
            "s", ChronoUnit.SECONDS.getDuration(),
            "m", ChronoUnit.MINUTES.getDuration(),
            "h", ChronoUnit.HOURS.getDuration(),
            "d", ChronoUnit.DAYS.getDuration(),
            "w", ChronoUnit.WEEKS.getDuration());
    private static final String[] LARGEST_FIRST = {"d", "h", "m", "s", "ms"};

    private TimeSpan() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException with the reason if the text is none, or longer than {@link #MAX}
     */
    public static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a time: a number and ms, s, m, h, d or w, such as 90d");
        }
        Duration duration = unit(form.group(2)).multipliedBy(Long.parseLong(form.group(1)));
        if (duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("'" + text + "' is longer than " + print(MAX));
        }
        return duration;
    }

    /** Returns the text of a duration, in the largest unit that gives a whole number. */
    public static String print(Duration duration) {
        for (String name : LARGEST_FIRST) {
            Duration unit = unit(name);
            long count = duration.dividedBy(unit);
            if (count > 0 && unit.multipliedBy(count).equals(duration)) {
                return count + name;
            }
        }
        return duration.toMillis() == 0 ? "0s" : duration.toMillis() + "ms";
    }

    private static Duration unit(String name) {
        Duration unit = UNITS.get(name);
        if (unit == null) {
            throw new IllegalArgumentException("'" + name + "' is not a unit of time");
        }
        return unit;
    }
}
