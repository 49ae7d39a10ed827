package dev.narsil.gateway.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings paths of other caches into the store. */
@Command(
        name = "import",
        description = {
            "Brings paths of other binary caches into the store, each verified before it is kept.",
            "Without a selection everything is imported: a file:// cache is listed, an HTTP cache needs a list of its "
                    + "paths, 'store-paths' or 'store-paths.xz'. Paths that are there already are skipped, so an "
                    + "interrupted import goes on where it stopped."
        },
        footer = {
            "",
            "Examples:",
            "  narsil import file:///srv/cache",
            "  narsil import https://cache.nixos.org --closure-of /nix/store/...-hello-2.12",
            "  nix path-info -r ./result | narsil import https://... --paths-from -"
        })
final class ImportCommand implements StoreCommand {

    @Mixin
    private ImportSelection selection = new ImportSelection();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.CREATE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ImportSummary summary = new ImportRun("import", invocation, invocation.store()).run(selection);
        summary.tellFailures(invocation, "import");
        if (json) {
            invocation.print(summary.document());
        } else if (!invocation.quiet()) {
            invocation.print(summary.importedText());
        }
        return summary.exitCode();
    }
}
