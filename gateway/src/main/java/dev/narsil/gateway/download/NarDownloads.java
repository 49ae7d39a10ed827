package dev.narsil.gateway.download;

import dev.narsil.blockstore.NarStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downloads of NARs that the store lacks: one for each NAR, however many clients want it. Safe for many threads. */
public final class NarDownloads implements AutoCloseable {

    /** Name of the directory of spool files, in the data directory. */
    public static final String SPOOL_DIRECTORY = "spool";

    private static final Logger LOG = LoggerFactory.getLogger(NarDownloads.class);

    /** Times a client that had no bytes yet begins anew after a download whose NAR was wrong. */
    private static final int MAX_JOINS = 4;

    private static final int MAX_WAITING_INGESTS = 1024;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final NarStore store;
    private final UsableHolders holders;
    private final DownloadLimits limits;
    private final SpoolDirectory spool;
    private final DownloadCounters counters = new DownloadCounters();
    private final Suspicions suspicions;
    private final Download.Environment environment;
    private final Map<Sha256, Download> active = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;
    private final DownloadLine line;
    private final ThreadPoolExecutor ingestThreads;
    private final ScheduledThreadPoolExecutor timer;
    private final ReentrantLock starting = new ReentrantLock();
    private final Download.Listener listener = new Download.Listener() {
        @Override
        public void proven(Download download) {
            ingestThreads.execute(new Storing(download, store, counters, () -> release(download)));
        }

        @Override
        public void ended(Download download) {
            release(download);
        }
    };
    private volatile boolean closed;

    private NarDownloads(NarStore store, SpoolDirectory spool, Holders holders, DownloadLimits limits) {
        this.store = store;
        this.limits = limits;
        this.spool = spool;
        suspicions = new Suspicions(limits.suspicion());
        this.holders = new UsableHolders(holders, suspicions);
        boolean severalUpstreams = holders.upstreams() > 1;
        // a thread that has run a download is free a moment later than its turn
        threads = pool("download-", limits.downloads(), limits.downloads());
        line = new DownloadLine(threads, limits, severalUpstreams);
        ingestThreads = pool("ingest-", limits.ingests(), MAX_WAITING_INGESTS);
        // a NAR for which there is no room in line is taken in by the thread that brought it
        ingestThreads.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
        timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("download-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        environment = new Download.Environment(
                limits,
                counters,
                new DecoderPool(limits.decoderMib(), severalUpstreams),
                suspicions,
                timer,
                line::isAnyWaiting);
    }

    /** Threads that are there before they are needed, as a client would wait for their start too. */
    private static ThreadPoolExecutor pool(String name, int size, int waiting) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size,
                size,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(waiting),
                Thread.ofPlatform().name(name, 0).daemon().factory());
        var _ = pool.prestartAllCoreThreads();
        return pool;
    }

    /**
     * Starts downloads into {@code store}, which must stay open until they are closed.
     *
     * @param dataDirectory where the spool directory is made; what a spool directory there holds is deleted
     * @param holders who has the NARs
     */
    public static NarDownloads start(NarStore store, Path dataDirectory, Holders holders, DownloadLimits limits)
            throws IOException {
        SpoolDirectory spool =
                new SpoolDirectory(dataDirectory.resolve(SPOOL_DIRECTORY), limits.spoolBytes(), limits.freeDiskBytes());
        return new NarDownloads(store, spool, holders, limits);
    }

    /**
     * Tells whether a NAR can be had; empty if no upstream is known to hold it. May ask upstreams, so it blocks.
     */
    public Optional<NarOffer> offer(Sha256 narHash) throws IOException, InterruptedException {
        Optional<NarOffer> running = running(narHash);
        if (running.isPresent()) {
            return running;
        }
        KnownHolders usable = holders.of(narHash);
        return usable.isEmpty()
                ? Optional.empty()
                : Optional.of(new NarOffer(this, narHash, UsableHolders.narSize(usable.now()), usable));
    }

    /**
     * Brings a NAR from upstreams into the store, and returns when it is durable there; false if no upstream has it.
     *
     * @throws DownloadException if it cannot be had, or BUSY if it is not stored within {@code patience}; then the download may
     *     go on
     */
    public boolean bring(Sha256 narHash, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Optional<NarOffer> offer = offer(narHash);
        if (offer.isEmpty()) {
            return false;
        }
        Optional<DownloadReader> reader = offer.get().open(0, offer.get().narSize());
        if (reader.isPresent()) {
            try (DownloadReader _ = reader.get()) {
                awaitReleased(narHash, deadline);
            }
        }
        if (store.storedNarSize(narHash).isEmpty()) {
            throw new DownloadException(DownloadException.Kind.UNAVAILABLE, "the NAR did not come or cannot be stored");
        }
        return true;
    }

    private void awaitReleased(Sha256 narHash, long deadline) throws DownloadException, InterruptedException {
        Download download = active.get(narHash);
        if (download != null && !download.released().await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw new DownloadException(DownloadException.Kind.BUSY, "the NAR is still on its way");
        }
    }

    /** Returns an offer of a download that runs or whose NAR is not durable yet; asks nobody. */
    public Optional<NarOffer> running(Sha256 narHash) {
        Download download = active.get(narHash);
        return download == null || download.nar().isOver()
                ? Optional.empty()
                : Optional.of(new NarOffer(this, narHash, download.nar().size(), KnownHolders.of(List.of())));
    }

    /**
     * Whether clients have bytes of this NAR that may be wrong, so that a request for a rest of it must not be answered.
     */
    public boolean isDoubtful(Sha256 narHash) {
        return suspicions.isHandedOut(narHash);
    }

    /**
     * Whether clients have bytes that came for this NAR and that nobody has compared with it, so that a rest of it must
     * not come from elsewhere than a download.
     */
    public boolean isUnsettled(Sha256 narHash) {
        return suspicions.unsettled(narHash).stream().anyMatch(Remains::handedOut);
    }

    /** Hears that a NAR was wanted that is stored, so that it need not be had from anywhere. */
    public void wasStored() {
        counters.won(NarOrigin.STORE);
    }

    /** What was done so far, and what is held. */
    public DownloadState state() {
        return counters.snapshot(active.size(), spool.reserved());
    }

    Optional<DownloadReader> open(
            Sha256 narHash, long narSize, KnownHolders offered, long from, long length, Consumer<Runnable> whenLost)
            throws IOException, InterruptedException {
        KnownHolders usable = offered;
        for (int i = 0; i < MAX_JOINS; i++) {
            if (from > 0 && isDoubtful(narHash)) {
                break;
            }
            DownloadReader reader = joinOrStart(narHash, usable, from, length);
            if (reader == null && i == 0) {
                return Optional.empty();
            }
            if (reader == null) {
                reader = start(narHash, narSize, from, length);
            }
            boolean ready = false;
            try {
                whenLost.accept(reader::giveUp);
                reader.awaitReady();
                ready = true;
                return Optional.of(reader);
            } catch (DownloadException e) {
                if (reader.isGivenUp()) {
                    throw e;
                }
                switch (e.kind()) {
                    case STORED -> {
                        return Optional.empty();
                    }
                    case WRONG, CANCELLED -> LOG.debug("NAR {} is tried again", narHash, e);
                    case UNAVAILABLE, BUSY -> throw e;
                }
            } finally {
                if (!ready) {
                    reader.close();
                }
            }
            usable = KnownHolders.of(List.of());
        }
        throw new DownloadException(DownloadException.Kind.UNAVAILABLE, "no upstream gives the NAR");
    }

    /** Asks who has the NAR now, and opens the download that runs by then or starts one. */
    private DownloadReader start(Sha256 narHash, long narSize, long from, long length)
            throws IOException, InterruptedException {
        KnownHolders usable = holders.of(narHash);
        boolean sameSize = !usable.isEmpty() && UsableHolders.narSize(usable.now()) == narSize;
        DownloadReader reader = sameSize ? joinOrStart(narHash, usable, from, length) : null;
        if (reader == null) {
            throw new DownloadException(DownloadException.Kind.UNAVAILABLE, "no upstream has the NAR now");
        }
        return reader;
    }

    /** Opens the download that runs, or starts one; null if none runs and there are no holders to start one with. */
    private @Nullable DownloadReader joinOrStart(Sha256 narHash, KnownHolders usable, long from, long length)
            throws IOException {
        starting.lock();
        try {
            Download running = active.get(narHash);
            DownloadReader reader = running == null ? null : running.nar().join(from, length, true);
            if (reader != null) {
                counters.joined.increment();
                return reader;
            }
            return usable.isEmpty() ? null : start(narHash, usable, from, length);
        } finally {
            starting.unlock();
        }
    }

    private DownloadReader start(Sha256 narHash, KnownHolders usable, long from, long length) throws IOException {
        SpooledNar nar;
        try {
            nar = new SpooledNar(spool, UsableHolders.narSize(usable.now()), counters.readers, () -> deserted(narHash));
        } catch (DownloadException e) {
            counters.refused.increment();
            throw e;
        }
        Download download = new Download(narHash, usable, store, environment, nar, listener);
        boolean running = false;
        DownloadReader reader = null;
        try {
            reader = Objects.requireNonNull(nar.join(from, length, true));
            active.put(narHash, download);
            line.add(download);
            running = true;
            return reader;
        } catch (RejectedExecutionException e) {
            counters.refused.increment();
            throw new DownloadException(DownloadException.Kind.BUSY, "too many NARs are being downloaded", e);
        } finally {
            if (!running) {
                release(download);
                if (reader != null) {
                    reader.close();
                }
            }
        }
    }

    /** Hears that the last client has left a download, which goes on for a while. */
    private void deserted(Sha256 narHash) {
        Download download = active.get(narHash);
        if (download != null && !closed) {
            var _ = timer.schedule(() -> abandon(download), limits.grace().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void abandon(Download download) {
        if (download.cancelIfUnwanted() && line.withdraw(download)) {
            download.neverRuns();
        }
    }

    private void release(Download download) {
        download.nar().retire();
        active.remove(download.narHash(), download);
        download.released().countDown();
    }

    /** Ends what runs; NARs that are complete are still stored. */
    @Override
    public void close() {
        closed = true;
        active.values().forEach(Download::cancel);
        line.dissolve();
        timer.shutdownNow();
        end(threads);
        end(ingestThreads);
        active.values().forEach(this::release);
    }

    private static void end(ThreadPoolExecutor pool) {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("downloads did not end in time");
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            pool.shutdownNow();
        }
    }
}
