package dev.narsil.blockstore;

import dev.narsil.rewrite.path.Digest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Who hears of paths that were published or changed. Safe for use by many threads; listeners are called by the thread
 * that tells, which is the committer's for what was published.
 */
final class PathListeners {

    private static final System.Logger LOG = System.getLogger(PathListeners.class.getName());

    private final List<Consumer<Digest>> listeners = new CopyOnWriteArrayList<>();

    void add(Consumer<Digest> listener) {
        listeners.add(listener);
    }

    void remove(Consumer<Digest> listener) {
        listeners.remove(listener);
    }

    /** Has every listener hear of these paths. One that fails hears of none after that, and the others of all. */
    void tell(List<Digest> paths) {
        listeners.forEach(listener -> tell(listener, paths));
    }

    private static void tell(Consumer<Digest> listener, List<Digest> paths) {
        try {
            paths.forEach(listener);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a listener of paths failed", e);
        }
    }
}
