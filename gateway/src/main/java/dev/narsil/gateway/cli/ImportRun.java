package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** One import into a store, watched. */
final class ImportRun {

    ImportRun(String what, Invocation invocation, NarStore target) {}

    ImportSummary run(ImportSelection selection) throws IOException {
        return new ImportSummary(0, 0, List.of(), 0, 0, 0, Duration.ZERO);
    }
}
