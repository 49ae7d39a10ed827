package dev.narsil.gateway.cli;

import dev.narsil.blockstore.GarbageReport;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.collect.Unclaimed;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Collects garbage now. */
@Command(
        name = "gc",
        description = {
            "Deletes NARs that were uploaded and that no narinfo has claimed, and what nothing refers to any more.",
            "A running 'narsil serve' does so by itself, once an hour when there is something to delete.",
            "Paths are never deleted."
        },
        footer = {"", "Example: narsil gc --unclaimed-older-than 1h"})
final class GcCommand implements StoreCommand {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--unclaimed-older-than",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = TokenCommand.TimeSpanConverter.class,
            description = "Delete NARs that have been without a narinfo for so long (default: ${DEFAULT-VALUE}).")
    private @Nullable Duration age;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        AtomicReference<ProgressState> state = new AtomicReference<>(state("store", 0, -1));
        GarbageReport report;
        Duration elapsed;
        try (Progress progress = Progress.show(invocation, state::get)) {
            report = collect(invocation, state);
            elapsed = progress.elapsed();
        }
        if (json) {
            invocation.print(document(report));
        } else if (!invocation.quiet()) {
            invocation.print(sentence(report, elapsed));
        }
        return ExitCode.OK;
    }

    /** Collects; a cancelled collection is stopped by an exception out of the progress it reports. */
    private GarbageReport collect(Invocation invocation, AtomicReference<ProgressState> state) throws IOException {
        try {
            return invocation
                    .store()
                    .collectGarbage(
                            Unclaimed.olderThan(Arguments.required(age), Instant.now()), (phase, done, total) -> {
                                if (invocation.cancellation().isCancelled()) {
                                    throw new CancellationException("cancelled");
                                }
                                state.set(state(phase, done, total));
                            });
        } catch (CancellationException | StoreException e) {
            invocation.cancellation().check();
            throw e;
        }
    }

    private static ProgressState state(String phase, long done, long total) {
        return new ProgressState("gc", phase, done, 0, total, 0, -1);
    }

    private static String sentence(GarbageReport report, Duration elapsed) {
        return "deleted " + Units.count(report.nars(), "NAR") + " (" + Units.bytes(report.narBytes()) + "), "
                + Units.count(report.recipes(), "recipe") + ", " + Units.count(report.blocks(), "block") + " ("
                + Units.bytes(report.blockBytes()) + ") and " + Units.count(report.packs(), "pack") + " in "
                + Units.seconds(elapsed) + ": " + Units.bytes(report.freedBytes()) + " freed on disk\n";
    }

    private static JsonObject document(GarbageReport report) {
        return new JsonObject()
                .put("nars", report.nars())
                .put("narBytes", report.narBytes())
                .put("recipes", report.recipes())
                .put("blocks", report.blocks())
                .put("blockBytes", report.blockBytes())
                .put("packs", report.packs())
                .put("newlyUnclaimed", report.newlyUnclaimed())
                .put("freedBytes", report.freedBytes());
    }
}
