package dev.narsil.benchmarks;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/** How generations are printed: MB are 10^6 bytes, stored and metadata are bytes on disk. */
final class RatioTable {

    private static final String COLUMNS = "%-12s %6s %9s %9s %9s %7s %8s %9s %10s %6s %9s";

    static final String HEADER = String.format(
            Locale.ROOT,
            COLUMNS,
            "generation",
            "paths",
            "NAR MB",
            "file MB",
            "stored MB",
            "ratio",
            "blocks",
            "holes",
            "bytes/path",
            "meta",
            "GB/s");

    private RatioTable() {}

    static String row(Generation generation) {
        return String.format(
                Locale.ROOT,
                COLUMNS,
                generation.name(),
                generation.paths(),
                megabytes(generation.narBytes()),
                megabytes(generation.referenceBytes()),
                megabytes(generation.storedBytes()),
                number("%.3f", generation.ratio()),
                generation.blocks(),
                generation.holes(),
                number("%.0f", generation.bytesPerPath()),
                number("%.1f%%", 100 * generation.metadataShare()),
                number("%.3f", generation.gigabytesPerSecond()));
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / 1e6);
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
    }

    static JsonObject json(List<Generation> generations, Generation total, long failed) {
        JsonArray all = new JsonArray();
        generations.forEach(generation -> all.add(json(generation)));
        return new JsonObject()
                .put("generations", all)
                .put("total", json(total))
                .put("failed", failed);
    }

    private static JsonObject json(Generation generation) {
        return new JsonObject()
                .put("name", generation.name())
                .put("paths", generation.paths())
                .put("narBytes", generation.narBytes())
                .put("fileBytes", generation.referenceBytes())
                .put("storedBytes", generation.storedBytes())
                .put("metadataBytes", generation.metadataBytes())
                .put("blocks", generation.blocks())
                .put("holes", generation.holes())
                .put("seconds", generation.seconds())
                .put("ratio", finite(generation.ratio()))
                .put("gigabytesPerSecond", finite(generation.gigabytesPerSecond()));
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
