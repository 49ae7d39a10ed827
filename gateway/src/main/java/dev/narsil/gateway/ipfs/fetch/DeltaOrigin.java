package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The blocks of one NAR: from the store as far as it has them, else from the daemon. To be closed by who reads it. */
final class DeltaOrigin implements BlockOrigin, AutoCloseable {

    /** How long to wait until it is known which blocks other NARs have. */
    private static final long OTHERS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(DeltaOrigin.class);

    private final Daemon daemon;
    private final LocalThreads threads;
    private final LocalBlocks local;
    private final FetchCounters counters;
    private final PathInfo path;
    private final FileRoot root;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<LocalBlocks.Others> others = new CompletableFuture<>();

    private volatile long othersDeadline;

    DeltaOrigin(
            Daemon daemon,
            LocalThreads threads,
            LocalBlocks local,
            FetchCounters counters,
            PathInfo path,
            FileRoot root) {
        this.daemon = daemon;
        this.threads = threads;
        this.local = local;
        this.counters = counters;
        this.path = path;
        this.root = root;
    }

    @Override
    public Future<byte[]> get(Cid cid) throws IOException {
        if (begun.compareAndSet(false, true)) {
            othersDeadline = System.nanoTime() + OTHERS_NANOS;
            var _ = daemon.begin(this::findOthers);
        }
        if (!cid.equals(root.cid())) {
            return daemon.begin(() -> find(cid));
        }
        return root.block().isPresent()
                ? CompletableFuture.completedFuture(root.block().get())
                : daemon.begin(() -> daemon.fetch(cid));
    }

    /** Nothing where it cannot be found out. */
    private LocalBlocks.Others findOthers() {
        LocalBlocks.Others found = LocalBlocks.Others.NONE;
        try {
            found = threads.call(() -> local.othersLike(path));
        } catch (IOException e) {
            LOG.debug("no blocks of other NARs like {}", path.path(), e);
        } finally {
            if (!others.complete(found)) {
                found.close();
            }
        }
        return found;
    }

    private byte[] find(Cid cid) throws IOException, InterruptedException, ExecutionException {
        Optional<byte[]> here;
        try {
            LocalBlocks.Others known =
                    others.get(Math.max(0, othersDeadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            here = threads.call(() -> local.find(cid, known));
        } catch (TimeoutException e) {
            here = threads.call(() -> local.find(cid, LocalBlocks.Others.NONE));
        }
        if (here.isEmpty()) {
            return daemon.fetch(cid);
        }
        counters.localBlocks.increment();
        counters.localBytes.add(here.get().length);
        return here.get();
    }

    @Override
    public void close() {
        if (!others.cancel(false) && others.state() == Future.State.SUCCESS) {
            others.resultNow().close();
        }
    }
}
