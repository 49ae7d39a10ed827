package dev.narsil.gateway.cli;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.EstimateBlockStore;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what an import would store, without storing it. */
@Command(
        name = "estimate",
        description = {
            "Says what an import would store, without storing it.",
            "Everything is read and cut as an import does; what the store holds already costs nothing."
        },
        footer = {"", "Example: narsil estimate file:///srv/cache"})
final class EstimateCommand implements StoreCommand {

    @Mixin
    private ImportSelection selection = new ImportSelection();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.IF_PRESENT;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ImportSummary summary;
        try (TemporaryFolder folder = TemporaryFolder.create("narsil-estimate");
                NarStore target = open(invocation.storeIfPresent().orElse(null), folder.path(), invocation)) {
            summary = new ImportRun("estimate", invocation, target).run(selection);
        }
        summary.tellFailures(invocation, "estimate");
        if (json) {
            invocation.print(summary.document());
        } else {
            invocation.print(summary.estimatedText());
        }
        return summary.exitCode();
    }

    private static NarStore open(@Nullable NarStore base, Path folder, Invocation invocation) throws IOException {
        BlockStore below = base == null ? null : base.blockStore();
        StoreOptions options = below == null
                ? invocation.storeOptions()
                : new StoreOptions(below.storeDir(), below.chunker(), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        return new NarStore(
                new EstimateBlockStore(below, RocksBlockStore.open(folder, options)), options.packCacheBytes());
    }
}
