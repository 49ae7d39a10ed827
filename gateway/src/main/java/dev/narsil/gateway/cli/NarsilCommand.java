package dev.narsil.gateway.cli;

import dev.narsil.blockstore.StoreOptions;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.nio.file.Path;
import java.util.Optional;
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
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The configuration file (default: $NARSIL_CONFIG, else $XDG_CONFIG_HOME/narsil/config.toml, "
                    + "else ~/.config/narsil/config.toml, else /etc/narsil/config.toml).")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Where the store is (default: $NARSIL_DATA, else store.data of the configuration, "
                    + "else $STATE_DIRECTORY, else $XDG_DATA_HOME/narsil, else ~/.local/share/narsil).")
    private @Nullable Path data;

    @Option(
            names = "--store-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            converter = StoreDirConverter.class,
            description = "The store directory of the paths in it (default: /nix/store). "
                    + "A store holds paths of one only.")
    private @Nullable StoreDir storeDir;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "Print results and failures only.")
    private boolean quiet;

    @Nullable
    Path config() {
        return config;
    }

    @Nullable
    Path data() {
        return data;
    }

    /** Returns the store directory that an option names. */
    Optional<StoreDir> storeDir() {
        return Optional.ofNullable(storeDir);
    }

    /** Returns how to open a store of paths in this directory. */
    static StoreOptions storeOptions(StoreDir storeDir) {
        return new StoreOptions(storeDir, ChunkerParameters.DEFAULT, StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    boolean quiet() {
        return quiet;
    }
}
