package dev.narsil.gateway.subscribe;

import java.time.LocalTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of the day, every day; it may go past midnight.
 *
 * @param from minute of the day with which it begins
 * @param until minute of the day with which it ends; another one
 */
public record DailyWindow(int from, int until) {

    static final int MINUTES = 24 * 60;

    private static final Pattern FORM =
            Pattern.compile("([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])");

    /** Checks the minutes; throws IllegalArgumentException if they are none. */
    public DailyWindow {
        if (from < 0 || from >= MINUTES || until < 0 || until >= MINUTES || from == until) {
            throw new IllegalArgumentException("not a time of the day: from minute " + from + " until " + until);
        }
    }

    /**
     * Reads {@code 01:00-06:00}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static DailyWindow parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a time of the day such as 01:00-06:00");
        }
        int from = Integer.parseInt(form.group(1)) * 60 + Integer.parseInt(form.group(2));
        int until = Integer.parseInt(form.group(3)) * 60 + Integer.parseInt(form.group(4));
        if (from == until) {
            throw new IllegalArgumentException("'" + text + "' begins when it ends");
        }
        return new DailyWindow(from, until);
    }

    /** Tells whether a time is in it: its beginning is, its end is not. */
    public boolean contains(LocalTime time) {
        int minute = time.getHour() * 60 + time.getMinute();
        return from < until ? minute >= from && minute < until : minute >= from || minute < until;
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%02d:%02d-%02d:%02d", from / 60, from % 60, until / 60, until % 60);
    }
}
