package dev.narsil.gateway.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The texts that tell how far a command is. */
final class ProgressLine {

    private static final int BAR_WIDTH = 20;
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    private ProgressLine() {}

    /**
     * Returns one line for a terminal, without a line end: a bar and as many figures as fit, the most telling first.
     *
     * @param bytesPerSecond the recent rate
     * @param width most columns to fill
     */
    static String bar(ProgressState state, Duration elapsed, double bytesPerSecond, int width, boolean color) {
        List<String> parts = new ArrayList<>();
        String head = state.what();
        if (state.total() >= 0) {
            head += " " + drawing(state) + String.format(Locale.ROOT, " %3d %%", percent(state));
        }
        parts.add(head);
        parts.addAll(figures(state, elapsed, bytesPerSecond));
        StringBuilder line = new StringBuilder();
        int columns = 0;
        for (int i = 0; i < parts.size(); i++) {
            String part = (i == 0 ? "" : "  ") + parts.get(i);
            if (columns + part.length() > width) {
                break;
            }
            columns += part.length();
            line.append(color && part.endsWith(" failed") ? RED + part + PLAIN : part);
        }
        return line.isEmpty() ? head.substring(0, Math.min(head.length(), width)) : line.toString();
    }

    /** Returns one line for a log, without a line end. */
    static String plain(ProgressState state, Duration elapsed, double bytesPerSecond) {
        return state.what() + ": " + String.join(", ", figures(state, elapsed, bytesPerSecond));
    }

    private static List<String> figures(ProgressState state, Duration elapsed, double bytesPerSecond) {
        List<String> parts = new ArrayList<>();
        parts.add(
                state.total() < 0
                        ? Units.count(state.finished()) + " " + state.unit()
                        : Units.count(state.finished()) + "/" + Units.count(state.total()) + " " + state.unit());
        if (state.failed() > 0) {
            parts.add(Units.count(state.failed()) + " failed");
        }
        parts.add(Units.rate(bytesPerSecond));
        if (state.storedBytes() >= 0) {
            parts.add("stored " + Units.bytes(state.storedBytes()) + " ("
                    + Units.ratio(state.storedBytes(), state.bytes()) + " of NAR)");
        }
        if (state.total() >= 0 && state.finished() > 0) {
            double left = (double) (state.total() - state.finished()) / state.finished();
            parts.add("ETA " + Units.clock(Duration.ofMillis((long) (elapsed.toMillis() * left))));
        }
        parts.add(Units.bytes(state.bytes()) + " so far");
        return parts;
    }

    private static int percent(ProgressState state) {
        return state.total() == 0 ? 100 : (int) (state.finished() * 100 / state.total());
    }

    private static String drawing(ProgressState state) {
        int filled = Math.clamp(percent(state) * BAR_WIDTH / 100, 0, BAR_WIDTH);
        return "[" + "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled) + "]";
    }
}
