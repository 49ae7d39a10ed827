package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say which paths of the store are meant. */
final class PathSelection {

    @Parameters(
            paramLabel = "STORE_PATH",
            arity = "0..*",
            converter = StorePathArgument.Converter.class,
            description = "Full paths, base names or 32-character digests.")
    private List<StorePathArgument> paths = new ArrayList<>();

    @Option(
            names = "--closure-of",
            paramLabel = "STORE_PATH",
            arity = "1..*",
            converter = StorePathArgument.Converter.class,
            description = "These store paths and all they refer to.")
    private List<StorePathArgument> closureOf = new ArrayList<>();

    @Option(names = "--all", description = "All paths.")
    private boolean all;

    PathSelection() {}

    /** One that a command read by itself. */
    PathSelection(List<StorePathArgument> paths, List<StorePathArgument> closureOf, boolean all) {
        this.paths = paths;
        this.closureOf = closureOf;
        this.all = all;
    }

    boolean all() {
        return all;
    }

    /** The paths that were named one by one. */
    List<StorePathArgument> paths() {
        return List.copyOf(paths);
    }

    /** Checks that something is selected, and not both all and some. */
    void require() throws CommandException {
        boolean some = !paths.isEmpty() || !closureOf.isEmpty();
        if (all == some) {
            throw new CommandException(
                    ExitCode.USAGE,
                    all
                            ? "--all goes with no other paths"
                            : "say which paths: STORE_PATH, --closure-of STORE_PATH or --all");
        }
    }

    /** Returns the digests of the named paths, each once, which the store holds: 20 bytes and their object each. */
    Set<Digest> named(NarStore store) throws IOException {
        Set<Digest> digests = new LinkedHashSet<>();
        for (StorePathArgument path : paths) {
            digests.add(path.find(store).path().digest());
        }
        digests.addAll(closure(store));
        return digests;
    }

    /** Returns the digests of the closures, each once. */
    Set<Digest> closure(NarStore store) throws IOException {
        Set<Digest> digests = new LinkedHashSet<>();
        Deque<PathInfo> open = new ArrayDeque<>();
        for (StorePathArgument root : closureOf) {
            PathInfo info = root.find(store);
            if (digests.add(info.path().digest())) {
                open.add(info);
            }
        }
        for (PathInfo next = open.poll(); next != null; next = open.poll()) {
            for (StorePath reference : next.references()) {
                if (digests.add(reference.digest())) {
                    open.add(reference(store, next, reference));
                }
            }
        }
        return digests;
    }

    private static PathInfo reference(NarStore store, PathInfo from, StorePath reference) throws IOException {
        Optional<PathInfo> info = store.path(reference.digest());
        if (info.isEmpty()) {
            throw new CommandException(
                    ExitCode.FAILED, "the store does not hold " + reference + ", to which " + from.path() + " refers");
        }
        return info.get();
    }
}
