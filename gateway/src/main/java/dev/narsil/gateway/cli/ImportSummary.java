package dev.narsil.gateway.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What came of an import or an estimate.
 *
 * @param imported paths that were taken in
 * @param skipped paths that were there already
 * @param failures paths that were not taken in, and why
 * @param narBytes bytes of NAR read
 * @param fileBytes bytes of the files the NARs came in
 * @param storedBytes bytes on disk that this took
 * @param elapsed how long it took
 */
record ImportSummary(
        long imported,
        long skipped,
        List<Failure> failures,
        long narBytes,
        long fileBytes,
        long storedBytes,
        Duration elapsed) {

    /** Failures told one by one; {@code --json} has all. */
    private static final int MAX_TOLD = 100;

    /** A path that was not taken in. */
    record Failure(String path, String reason) {}

    ImportSummary {
        failures = List.copyOf(failures);
    }

    int exitCode() {
        return failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Writes a line for each failure to standard error. */
    void tellFailures(Invocation invocation, String command) throws IOException {
        for (Failure failure : failures.subList(0, Math.min(failures.size(), MAX_TOLD))) {
            invocation.tell("narsil: " + command + ": " + failure.path() + ": " + failure.reason() + "\n");
        }
        if (failures.size() > MAX_TOLD) {
            invocation.tell("narsil: " + command + ": and "
                    + Units.count(failures.size() - MAX_TOLD, "failure") + " more (--json lists all)\n");
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
                + (failures.isEmpty() ? "" : "failed   " + Units.count(failures.size(), "path") + ", listed above\n");
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
        JsonArray failed = new JsonArray();
        for (Failure failure : failures) {
            failed.add(new JsonObject().put("path", failure.path()).put("reason", failure.reason()));
        }
        return new JsonObject()
                .put("imported", imported)
                .put("skipped", skipped)
                .put("failed", failed)
                .put("narBytes", narBytes)
                .put("fileBytes", fileBytes)
                .put("storedBytes", storedBytes)
                .put("seconds", elapsed.toMillis() / 1000.0);
    }
}
