package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The directory a store lies in: where it is, and whether one is there. */
final class DataDirectory {

    private DataDirectory() {}

    /**
     * Returns the directory the user means, absolute: what is set ({@code --data}, {@code $NARSIL_DATA}, {@code
     * store.data}), {@code $STATE_DIRECTORY} (set by systemd; the first of its list), {@code $XDG_DATA_HOME/narsil},
     * {@code ~/.local/share/narsil}.
     */
    static Path resolve(Configuration configuration, Environment environment) throws CommandException {
        Optional<Path> set = configuration.find(Settings.DATA);
        if (set.isPresent()) {
            return set.get();
        }
        String state = environment.variable("STATE_DIRECTORY");
        if (!state.isEmpty()) {
            int colon = state.indexOf(':');
            return environment
                    .folder()
                    .resolve(colon < 0 ? state : state.substring(0, colon))
                    .normalize();
        }
        String xdg = environment.variable("XDG_DATA_HOME");
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "narsil").normalize();
        }
        String home = environment.variable("HOME");
        if (home.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE, "where is the data directory? Give --data DIR, or set NARSIL_DATA or HOME");
        }
        return environment.folder().resolve(home).resolve(".local/share/narsil").normalize();
    }

    /** Tells whether there is a store in a directory. */
    static boolean holdsStore(Path directory) {
        return Files.isDirectory(directory.resolve("db"));
    }

    /** Opens the store in a directory, making both where they are missing. */
    static NarStore open(Path directory, StoreOptions options) throws IOException {
        create(directory);
        return new NarStore(RocksBlockStore.open(directory, options), options.packCacheBytes());
    }

    /** Makes a directory that is missing, for its owner alone (0700). */
    private static void create(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }
}
