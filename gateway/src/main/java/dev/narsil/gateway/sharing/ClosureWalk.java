package dev.narsil.gateway.sharing;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A walk over closures by their references: what the store knows of a path counts, and where it does not know it, what
 * the supply says. No NAR is fetched. For one thread, which it blocks.
 */
public final class ClosureWalk {

    /** Most paths of one walk: some 100 bytes of memory each. */
    public static final int MAX_PATHS = 250_000;

    /** Most paths the supply is asked for at a time. */
    static final int WINDOW = 16;

    /** Most unknown paths that are told by name. */
    static final int MAX_TOLD = 5;

    private final NarStore store;
    private final PathSupply supply;
    private final BooleanSupplier stopped;
    private final Deque<WantedPath> open = new ArrayDeque<>();
    private final Deque<Asked> asked = new ArrayDeque<>();
    private final Set<Digest> seen = new HashSet<>();
    private final List<String> told = new ArrayList<>();
    private long unknown;

    /** Hears of each path, once. */
    public interface Visitor {
        /**
         * Hears of a path.
         *
         * @param stored whether the store has it
         * @throws IOException to end the walk, which throws it
         */
        void path(PathInfo info, boolean stored) throws IOException;
    }

    /**
     * How a walk ended.
     *
     * @param complete whether it was not stopped
     * @param unknown number of paths that neither the store nor the supply knows, so that what they refer to is not
     *     known either
     * @param told the first of them, each with the reason if there is one to tell
     */
    public record Walked(boolean complete, long unknown, List<String> told) {
        public Walked {
            told = List.copyOf(told);
        }

        /** Returns the unknown paths in a clause; empty if there are none. */
        public String describe() {
            if (unknown == 0) {
                return "";
            }
            String more = unknown > told.size() ? " and " + (unknown - told.size()) + " more" : "";
            return "neither stored nor at an upstream: " + String.join(", ", told) + more;
        }
    }

    /** A path for which the supply was asked. */
    private record Asked(WantedPath wanted, CompletableFuture<Optional<PathInfo>> answer) {}

    /**
     * A walk that has not begun.
     *
     * @param stopped asked now and then whether to end it
     */
    public ClosureWalk(NarStore store, PathSupply supply, BooleanSupplier stopped) {
        this.store = store;
        this.supply = supply;
        this.stopped = stopped;
    }

    /**
     * Walks from {@code roots} to the end.
     *
     * @throws IOException what reading the store gives, what the visitor throws, or if there are too many paths
     */
    public Walked walk(Collection<WantedPath> roots, Visitor visitor) throws IOException, InterruptedException {
        for (WantedPath root : roots) {
            add(root);
        }
        while (!open.isEmpty() || !asked.isEmpty()) {
            if (stopped.getAsBoolean()) {
                asked.forEach(each -> each.answer().cancel(true));
                return new Walked(false, unknown, told);
            }
            if (!open.isEmpty() && asked.size() < WINDOW) {
                look(open.remove(), visitor);
            } else {
                hear(asked.remove(), visitor);
            }
        }
        return new Walked(true, unknown, told);
    }

    private void add(WantedPath path) throws IOException {
        if (seen.contains(path.digest())) {
            return;
        }
        if (seen.size() == MAX_PATHS) {
            throw new IOException("more than " + MAX_PATHS + " paths");
        }
        seen.add(path.digest());
        open.add(path);
    }

    private void look(WantedPath wanted, Visitor visitor) throws IOException {
        Optional<PathInfo> info = store.path(wanted.digest());
        if (info.isPresent()) {
            visit(wanted, info.get(), true, visitor);
        } else {
            asked.add(new Asked(wanted, supply.find(wanted.digest())));
        }
    }

    private void hear(Asked path, Visitor visitor) throws IOException, InterruptedException {
        Optional<PathInfo> info;
        try {
            info = path.answer().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        if (info.isPresent()) {
            visit(path.wanted(), info.get(), false, visitor);
        } else {
            unknown(path.wanted(), null);
        }
    }

    private void visit(WantedPath wanted, PathInfo info, boolean stored, Visitor visitor) throws IOException {
        StorePath path = info.path();
        if (wanted.path() != null && !wanted.path().equals(path)) {
            unknown(wanted, "the path of that digest is " + path);
            return;
        }
        visitor.path(info, stored);
        for (StorePath reference : info.references()) {
            add(WantedPath.of(reference));
        }
    }

    private void unknown(WantedPath path, @Nullable String reason) {
        unknown++;
        if (told.size() < MAX_TOLD) {
            told.add(path + (reason == null ? "" : " (" + reason + ")"));
        }
    }
}
