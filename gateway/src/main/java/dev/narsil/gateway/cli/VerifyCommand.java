package dev.narsil.gateway.cli;

import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.VerifyReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Re-hashes everything the store holds. */
@Command(
        name = "verify",
        description = {
            "Re-hashes every block and restores every NAR, on all cores.",
            "What is damaged is listed, and the exit code is then 1."
        })
final class VerifyCommand implements StoreCommand {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        AtomicReference<ProgressState> state = new AtomicReference<>(state("store", 0, -1, 0));
        VerifyReport report;
        Duration elapsed;
        try (Progress progress = Progress.show(invocation, state::get)) {
            report = verify(invocation, state);
            elapsed = progress.elapsed();
        }
        if (json) {
            invocation.print(document(report));
        } else {
            report(invocation, report, elapsed);
        }
        return report.problems().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Verifies; a cancelled verification is stopped by an exception out of the progress it reports. */
    private static VerifyReport verify(Invocation invocation, AtomicReference<ProgressState> state) throws IOException {
        try {
            return invocation.store().verify((phase, done, total, bytes) -> {
                if (invocation.cancellation().isCancelled()) {
                    throw new CancellationException("cancelled");
                }
                state.set(state(phase, done, total, bytes));
            });
        } catch (CancellationException | StoreException e) {
            invocation.cancellation().check();
            throw e;
        }
    }

    private static ProgressState state(String phase, long done, long total, long bytes) {
        return new ProgressState("verify", phase, done, 0, total, bytes, -1);
    }

    private static void report(Invocation invocation, VerifyReport report, Duration elapsed) throws IOException {
        for (String problem : report.problems()) {
            invocation.tell("narsil: verify: " + problem + "\n");
        }
        if (invocation.quiet()) {
            return;
        }
        invocation.print("verified " + Units.count(report.packs(), "pack") + ", "
                + Units.count(report.blocks(), "block") + ", " + Units.count(report.nars(), "NAR") + " ("
                + Units.bytes(report.narBytes()) + ") and " + Units.count(report.paths(), "path") + " in "
                + Units.seconds(elapsed) + ": "
                + (report.problems().isEmpty()
                        ? "all sound"
                        : Units.count(report.problems().size(), "problem"))
                + "\n");
    }

    private static JsonObject document(VerifyReport report) {
        JsonArray problems = new JsonArray();
        report.problems().forEach(problems::add);
        return new JsonObject()
                .put("sound", report.problems().isEmpty())
                .put("packs", report.packs())
                .put("blocks", report.blocks())
                .put("nars", report.nars())
                .put("paths", report.paths())
                .put("narBytes", report.narBytes())
                .put("problems", problems);
    }
}
