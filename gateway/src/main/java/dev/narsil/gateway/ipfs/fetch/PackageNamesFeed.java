package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes the paths of a store, those that are there and those that come, on one thread of its own. */
final class PackageNamesFeed implements AutoCloseable {

    /** Most paths that wait to be noted; what is beyond is not. */
    private static final int MAX_WAITING = 4096;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(PackageNamesFeed.class);

    private final NarStore store;
    private final PackageNames names;
    private final BlockingQueue<Digest> published = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Consumer<Digest> listener = published::offer;
    private final Thread thread;
    private volatile boolean closed;

    private PackageNamesFeed(NarStore store, PackageNames names) {
        this.store = store;
        this.names = names;
        this.thread = Thread.ofPlatform().daemon().name("package-names").unstarted(this::run);
    }

    /** Starts noting the paths of {@code store}, which must stay open until this is closed. */
    static PackageNamesFeed start(NarStore store, PackageNames names) {
        PackageNamesFeed feed = new PackageNamesFeed(store, names);
        store.addPathListener(feed.listener);
        feed.thread.start();
        return feed;
    }

    private void run() {
        try {
            store.forEachPath(this::add);
            while (!closed) {
                store.path(published.take()).ifPresent(path -> names.add(path.path()));
            }
        } catch (InterruptedException | InterruptedIOException e) {
            LOG.debug("closing", e);
        } catch (IOException e) {
            LOG.warn("which packages are stored is not known any further: {}", e.getMessage());
        }
    }

    private void add(PathInfo path) throws InterruptedIOException {
        if (closed) {
            throw new InterruptedIOException("closing");
        }
        names.add(path.path());
    }

    /** Stops; afterwards nothing of this uses the store. */
    @Override
    public void close() {
        closed = true;
        store.removePathListener(listener);
        thread.interrupt();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                LOG.warn("noting paths did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
