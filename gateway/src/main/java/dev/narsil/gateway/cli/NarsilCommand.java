package dev.narsil.gateway.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself, with the options every command takes. */
@Command(
        name = "narsil",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Keeps Nix binary caches deduplicated, and serves them back bit for bit.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all went well",
            "1:something failed; what was printed says what",
            "2:the command line is wrong",
            "69:something that is needed is missing; narsil doctor says what",
            "75:not now: another process uses the data directory, or the disk is full"
        })
final class NarsilCommand {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Where the store is (default: $NARSIL_DATA, else $STATE_DIRECTORY, "
                    + "else $XDG_DATA_HOME/narsil, else ~/.local/share/narsil).")
    private @Nullable Path data;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "Print results and failures only.")
    private boolean quiet;

    @Nullable Path data() {
        return data;
    }

    boolean quiet() {
        return quiet;
    }
}
