package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.gateway.control.ControlBusyException;
import dev.narsil.gateway.control.ControlClient;
import dev.narsil.gateway.control.ControlSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks of the data directory and the store in it. Leaves nothing behind. */
final class DirectoryChecks {

    private static final String DIRECTORY = "data directory";
    private static final String SPACE = "free space";
    private static final String STORE = "store";
    private static final long LITTLE_SPACE = 2_000_000_000;

    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private DirectoryChecks() {}

    static List<Finding> run(Path directory, StoreOptions options) {
        List<Finding> findings = new ArrayList<>();
        Path present = nearestPresent(directory);
        findings.add(access(directory, present));
        findings.add(space(present));
        findings.add(socket(directory));
        findings.add(store(directory, options));
        return findings;
    }

    private static Path nearestPresent(Path directory) {
        Path present = directory;
        while (!Files.exists(present)) {
            Path parent = present.getParent();
            if (parent == null) {
                return present;
            }
            present = parent;
        }
        return present;
    }

    private static Finding access(Path directory, Path present) {
        if (!Files.isDirectory(present)) {
            return Finding.fail(DIRECTORY, present + " is not a folder", "choose another with --data or NARSIL_DATA");
        }
        if (!Files.isWritable(present)) {
            return Finding.fail(
                    DIRECTORY,
                    present + " is not writable for this user" + owner(present),
                    "run narsil as its owner, or choose another directory with --data or NARSIL_DATA");
        }
        if (!present.equals(directory)) {
            return Finding.ok(DIRECTORY, directory + " is not there yet and can be made");
        }
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory);
            String found = directory + ", mode " + PosixFilePermissions.toString(mode) + owner(directory);
            return mode.stream().anyMatch(OTHERS_WRITE::contains)
                    ? Finding.warn(DIRECTORY, found, "others can write to it: chmod go-w " + directory)
                    : Finding.ok(DIRECTORY, found);
        } catch (IOException e) {
            return Finding.fail(DIRECTORY, Failures.reason(e), "choose another with --data or NARSIL_DATA");
        }
    }

    private static String owner(Path path) {
        try {
            return ", owner " + Files.getOwner(path).getName();
        } catch (IOException e) {
            return "";
        }
    }

    private static Finding space(Path present) {
        try {
            long free = Files.getFileStore(present).getUsableSpace();
            String found = Units.bytes(free) + " on the disk of " + present;
            return free < LITTLE_SPACE
                    ? Finding.warn(SPACE, found, "make room: an import stops when the disk is full")
                    : Finding.ok(SPACE, found);
        } catch (IOException e) {
            return Finding.warn(SPACE, "unknown: " + Failures.reason(e), "");
        }
    }

    private static Finding socket(Path directory) {
        return ControlSocket.isNameable(directory)
                ? Finding.ok("control socket", ControlSocket.of(directory).toString())
                : Finding.fail(
                        "control socket",
                        ControlSocket.of(directory) + " is longer than the " + ControlSocket.MAX_PATH_BYTES
                                + " bytes a Unix socket may have",
                        "choose a shorter data directory");
    }

    private static Finding store(Path directory, StoreOptions options) {
        @Nullable String served = served(directory);
        if (served != null) {
            return Finding.ok(STORE, served);
        }
        if (!DataDirectory.holdsStore(directory)) {
            return Finding.ok(STORE, "there is none yet; 'narsil import' or 'narsil serve' makes one");
        }
        try (NarStore store = DataDirectory.open(directory, options)) {
            return Finding.ok(STORE, "opens; it holds paths of " + store.storeDir());
        } catch (StoreException e) {
            return switch (e.kind()) {
                case LOCKED, BUSY ->
                    Finding.warn(STORE, reason(e), "another narsil command runs; wait until it has ended");
                case FULL -> Finding.fail(STORE, reason(e), "make room on the disk");
                case INCOMPATIBLE ->
                    Finding.fail(STORE, reason(e), "use the narsil that made it, --store-dir, or another directory");
                case ABSENT, CORRUPT, FAILED ->
                    Finding.fail(STORE, reason(e), "see 'narsil verify', or import again elsewhere");
            };
        } catch (IOException e) {
            return Finding.fail(STORE, Failures.reason(e), "choose another with --data or NARSIL_DATA");
        } catch (LinkageError e) {
            return Finding.fail(STORE, "cannot be opened without RocksDB", "see above");
        }
    }

    private static @Nullable String served(Path directory) {
        try {
            Optional<ControlClient> server = ControlClient.connect(directory);
            if (server.isEmpty()) {
                return null;
            }
            server.get().close();
            return "served by a narsil process, which runs the commands on it";
        } catch (ControlBusyException e) {
            return "served by a narsil process that takes no commands now: " + Failures.reason(e);
        } catch (IOException e) {
            return "served, but not by this narsil: " + Failures.reason(e);
        }
    }

    private static String reason(StoreException e) {
        return String.valueOf(e.getMessage());
    }
}
