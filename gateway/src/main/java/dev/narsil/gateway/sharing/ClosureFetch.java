package dev.narsil.gateway.sharing;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings paths into the store, few at a time. One that cannot be had does not keep the others away. Used once; the
 * counts may be read by any thread.
 */
public final class ClosureFetch {

    /** Most paths that are brought at a time: half of the NARs that a server downloads at a time. */
    public static final int FETCHES = 8;

    /** Most failures that are told. */
    static final int MAX_TOLD = 5;

    private static final Logger LOG = LoggerFactory.getLogger(ClosureFetch.class);

    private final PathSupply supply;
    private final BooleanSupplier stopped;
    private final AtomicLong paths = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final List<String> told = new ArrayList<>();

    /**
     * One that has not begun.
     *
     * @param stopped asked before each path whether to begin no more
     */
    public ClosureFetch(PathSupply supply, BooleanSupplier stopped) {
        this.supply = supply;
        this.stopped = stopped;
    }

    /** Number of paths that were brought. */
    public long paths() {
        return paths.get();
    }

    /** Bytes of their NARs. */
    public long bytes() {
        return bytes.get();
    }

    /** Number of paths that could not be brought. */
    public long failed() {
        return failed.get();
    }

    /** Returns the first failures in a clause; empty if there are none. */
    public String describeFailures() {
        synchronized (told) {
            long more = failed.get() - told.size();
            return String.join("; ", told) + (more > 0 ? "; and " + more + " more" : "");
        }
    }

    /**
     * Brings the paths, in their order; returns when nothing of this runs any more. Interrupting gives up.
     *
     * @return whether all were tried, so that it was not stopped
     */
    public boolean run(List<Digest> digests) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        int workers = Math.min(FETCHES, digests.size());
        try (ExecutorService pool = Executors.newFixedThreadPool(
                Math.max(1, workers),
                Thread.ofPlatform().name("closure-fetch-", 0).daemon().factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                running.add(pool.submit(() -> work(digests, next)));
            }
            try {
                for (Future<?> each : running) {
                    each.get();
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } finally {
                pool.shutdownNow();
            }
        }
        return next.get() >= digests.size() && !stopped.getAsBoolean();
    }

    private void work(List<Digest> digests, AtomicInteger next) {
        while (!stopped.getAsBoolean()) {
            int index = next.getAndIncrement();
            if (index >= digests.size()) {
                return;
            }
            Digest digest = digests.get(index);
            try {
                bring(digest);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                failed(digest.toString(), String.valueOf(e.getMessage()));
            }
        }
    }

    private void bring(Digest digest) throws IOException, InterruptedException, ExecutionException {
        Optional<PathInfo> info = supply.find(digest).get();
        if (info.isEmpty()) {
            failed(digest.toString(), "no upstream has it now");
            return;
        }
        String name = info.get().path().toString();
        try {
            supply.bring(info.get());
            paths.incrementAndGet();
            bytes.addAndGet(info.get().narSize());
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LOG.debug("{} cannot be brought: {}", name, e.getMessage());
            failed(name, String.valueOf(e.getMessage()));
        }
    }

    private void failed(String path, String reason) {
        failed.incrementAndGet();
        synchronized (told) {
            if (told.size() < MAX_TOLD) {
                told.add(path + ": " + reason);
            }
        }
    }
}
