package dev.narsil.gateway.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What came of a publication.
 *
 * @param published paths that were published
 * @param present paths that were published before
 * @param refused paths that no trusted key has signed
 * @param failed paths that could not be published
 * @param failures the first of those refused and failed, and why
 * @param narBytes bytes of the NARs that were published
 * @param blocks blocks that were sent
 * @param blockBytes their bytes
 * @param elapsed how long it took
 * @param all whether all paths of the store were selected, so that refused ones are no failure
 */
record PublishSummary(
        long published,
        long present,
        long refused,
        long failed,
        List<Failure> failures,
        long narBytes,
        long blocks,
        long blockBytes,
        Duration elapsed,
        boolean all) {

    /** Paths told on standard error. */
    private static final int MAX_TOLD = 20;

    /** Why a path was not published. */
    record Failure(String path, String reason) {}

    PublishSummary {
        failures = List.copyOf(failures);
    }

    int exitCode() {
        return failed == 0 && (refused == 0 || all) ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Writes a line for each path that was not published to standard error. */
    void tellFailures(Invocation invocation) throws IOException {
        for (Failure failure : failures.subList(0, Math.min(failures.size(), MAX_TOLD))) {
            invocation.tell("narsil: ipfs publish: " + failure.path() + ": " + failure.reason() + "\n");
        }
        if (refused + failed > MAX_TOLD) {
            invocation.tell("narsil: ipfs publish: and " + Units.count(refused + failed - MAX_TOLD, "path")
                    + " more (--json lists them)\n");
        }
    }

    String text() {
        double seconds = elapsed.toNanos() / 1e9;
        return "published " + Units.count(published, "path") + ", " + Units.bytes(narBytes) + " of NAR, in "
                + Units.seconds(elapsed) + "\n"
                + (present == 0 ? "" : "skipped   " + Units.count(present, "path") + " that the daemon keeps already\n")
                + (refused == 0 ? "" : "refused   " + Units.count(refused, "path") + " that no trusted key signed\n")
                + (failed == 0 ? "" : "failed    " + Units.count(failed, "path") + ", listed above\n")
                + "sent      " + Units.count(blocks, "block") + ", " + Units.bytes(blockBytes) + " ("
                + Units.rate(seconds == 0 ? 0 : blockBytes / seconds) + ")\n";
    }

    JsonObject document() {
        JsonArray reasons = new JsonArray();
        for (Failure failure : failures) {
            reasons.add(new JsonObject().put("path", failure.path()).put("reason", failure.reason()));
        }
        return new JsonObject()
                .put("published", published)
                .put("present", present)
                .put("refused", refused)
                .put("failed", failed)
                .put("failures", reasons)
                .put("narBytes", narBytes)
                .put("blocks", blocks)
                .put("blockBytes", blockBytes)
                .put("seconds", elapsed.toMillis() / 1000.0);
    }
}
