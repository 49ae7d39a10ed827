package dev.narsil.gateway.cli;

import dev.narsil.gateway.importer.ImportReport;
import dev.narsil.gateway.importer.ImportReport.Failure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of an import or an estimate.
 *
 * @param imported paths that were taken in
 * @param skipped paths that were there already
 * @param failed paths that were not taken in
 * @param failures the first of them, and why
 * @param narBytes bytes of NAR read
 * @param fileBytes bytes of the files the NARs came in
 * @param storedBytes bytes on disk that this took
 * @param elapsed how long it took
 * @param cancelled whether it was stopped before it was through
 */
record ImportSummary(
        long imported,
        long skipped,
        long failed,
        List<Failure> failures,
        long narBytes,
        long fileBytes,
        long storedBytes,
        Duration elapsed,
        boolean cancelled) {

    /** Paths told for each reason. */
    private static final int MAX_TOLD = 20;

    ImportSummary {
        failures = List.copyOf(failures);
    }

    /** Sums up imports that followed each other. */
    static ImportSummary of(List<ImportReport> reports, long storedBytes, Duration elapsed) {
        return new ImportSummary(
                reports.stream().mapToLong(ImportReport::imported).sum(),
                reports.stream().mapToLong(ImportReport::skipped).sum(),
                reports.stream().mapToLong(ImportReport::failed).sum(),
                reports.stream().flatMap(report -> report.failures().stream()).toList(),
                reports.stream().mapToLong(ImportReport::narBytes).sum(),
                reports.stream().mapToLong(ImportReport::fileBytes).sum(),
                storedBytes,
                elapsed,
                reports.stream().anyMatch(ImportReport::cancelled));
    }

    int exitCode() {
        return failed == 0 && !cancelled ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Writes a line for each failure to standard error. */
    void tellFailures(Invocation invocation, String command) throws IOException {
        Map<String, List<String>> pathsByReason = new LinkedHashMap<>();
        for (Failure failure : failures) {
            pathsByReason
                    .computeIfAbsent(failure.reason(), _ -> new ArrayList<>())
                    .add(failure.path());
        }
        for (Map.Entry<String, List<String>> entry : pathsByReason.entrySet()) {
            List<String> paths = entry.getValue();
            for (String path : paths.subList(0, Math.min(paths.size(), MAX_TOLD))) {
                invocation.tell("narsil: " + command + ": " + path + ": " + entry.getKey() + "\n");
            }
            if (paths.size() > MAX_TOLD) {
                invocation.tell("narsil: " + command + ": the same of "
                        + Units.count(paths.size() - MAX_TOLD, "path") + " more (--json lists them)\n");
            }
        }
        if (failed > failures.size()) {
            invocation.tell("narsil: " + command + ": and " + Units.count(failed - failures.size(), "failure")
                    + " more\n");
        }
        if (cancelled) {
            invocation.tell("narsil: " + command + ": cancelled; what was imported stays\n");
        }
    }

    /** Returns what an import says at its end. */
    String importedText() {
        return "imported " + Units.count(imported, "path") + ", " + Units.bytes(narBytes) + " of NAR, in "
                + Units.seconds(elapsed) + " (" + Units.rate(rate()) + ")\n"
                + others()
                + "stored   " + stored();
    }

    /** Returns what an estimate says at its end. */
    String estimatedText() {
        return "an import would bring " + Units.count(imported, "new path") + ", " + Units.bytes(narBytes)
                + " of NAR\n"
                + others()
                + "and would store " + stored();
    }

    private String others() {
        return (skipped == 0 ? "" : "skipped  " + Units.count(skipped, "path") + " that the store holds already\n")
                + (failed == 0 ? "" : "failed   " + Units.count(failed, "path") + ", listed above\n");
    }

    private String stored() {
        return Units.bytes(storedBytes) + ": " + Units.ratio(storedBytes, narBytes) + " of the NARs, "
                + Units.ratio(storedBytes, fileBytes) + " of the " + Units.bytes(fileBytes)
                + " their files take in the cache\n";
    }

    private double rate() {
        return elapsed.isZero() ? 0 : (double) narBytes / (elapsed.toNanos() / 1e9);
    }

    JsonObject document() {
        JsonArray reasons = new JsonArray();
        for (Failure failure : failures) {
            reasons.add(new JsonObject().put("path", failure.path()).put("reason", failure.reason()));
        }
        return new JsonObject()
                .put("imported", imported)
                .put("skipped", skipped)
                .put("failed", failed)
                .put("failures", reasons)
                .put("narBytes", narBytes)
                .put("fileBytes", fileBytes)
                .put("storedBytes", storedBytes)
                .put("seconds", elapsed.toMillis() / 1000.0)
                .put("cancelled", cancelled);
    }
}
