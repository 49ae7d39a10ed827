package dev.narsil.gateway.download;

import dev.narsil.blockstore.NarStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One NAR being brought from its holders into a spool file. Runs on a platform thread, as decoders and the store call
 * native code; any thread may cancel it.
 */
final class Download implements DownloadLine.Member {

    /** Times all holders are tried, as long as each time brings the NAR further. */
    static final int MAX_ROUNDS = 4;

    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private final Sha256 narHash;
    private final String upstream;
    private final HolderTurns turns;
    private final NarStore store;
    private final Environment environment;
    private final Intake intake;
    private final Listener listener;
    private final Cancellation cancellation = new Cancellation();
    private final FileTerms terms;
    private final Transfer transfer;
    private final CountDownLatch released = new CountDownLatch(1);
    private boolean proven;
    private boolean counted;

    /** What all downloads share. */
    record Environment(
            DownloadLimits limits,
            DownloadCounters counters,
            DecoderPool decoders,
            Suspicions suspicions,
            ScheduledExecutorService timer,
            BooleanSupplier othersWait) {}

    /** Hears how a download goes, on its thread. */
    interface Listener {

        /** Its NAR is proven. The thread goes on when this returns. */
        void proven(Download download);

        /** It has ended without its NAR. */
        void ended(Download download);
    }

    /**
     * A download that does not run yet.
     *
     * @param holders whom the NAR can be had from, at least one, all with the same NarSize
     */
    Download(
            Sha256 narHash,
            KnownHolders holders,
            NarStore store,
            Environment environment,
            SpooledNar nar,
            Listener listener) {
        this.narHash = narHash;
        this.upstream = holders.now().getFirst().upstream();
        this.turns = new HolderTurns(narHash, holders, environment.suspicions());
        this.store = store;
        this.environment = environment;
        this.intake = new Intake(narHash, nar, environment.suspicions());
        this.listener = listener;
        this.terms = new FileTerms(turns, nar, environment);
        this.transfer = new Transfer(intake, environment, cancellation, this::prove);
    }

    Sha256 narHash() {
        return narHash;
    }

    SpooledNar nar() {
        return intake.nar();
    }

    @Override
    public String upstream() {
        return upstream;
    }

    @Override
    public void neverRuns() {
        end(new DownloadException(DownloadException.Kind.CANCELLED, "the server closes"));
    }

    /** Opens when its NAR is stored, or is not going to be. */
    CountDownLatch released() {
        return released;
    }

    List<Holder> holders() {
        return turns.all();
    }

    @Override
    public void run() {
        DownloadException failure =
                new DownloadException(DownloadException.Kind.UNAVAILABLE, "the download broke down");
        try {
            bring();
        } catch (DownloadException e) {
            failure = e;
        } catch (IOException e) {
            failure = new DownloadException(DownloadException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = new DownloadException(DownloadException.Kind.CANCELLED, "interrupted", e);
        } finally {
            if (!proven) {
                end(failure);
            }
        }
    }

    private void end(DownloadException failure) {
        DownloadCounters counters = environment.counters();
        switch (failure.kind()) {
            case UNAVAILABLE, WRONG -> {
                counters.failed.increment();
                LOG.warn("NAR {} cannot be had: {}", narHash, failure.getMessage());
            }
            case BUSY -> {
                counters.failed.increment();
                LOG.warn("NAR {} is not downloaded: {}", narHash, failure.getMessage());
            }
            case CANCELLED -> counters.cancelled.increment();
            case STORED -> {}
        }
        intake.fail(failure);
        listener.ended(this);
    }

    /** Stops it, unless its NAR is proven. */
    void cancel() {
        cancellation.cancel();
    }

    /** Stops it if no client reads it and it is not past half; returns whether it did. Who comes later joins another. */
    boolean cancelIfUnwanted() {
        boolean unwanted = intake.failIfUnwanted(Cancellation.reason());
        if (unwanted) {
            cancel();
        }
        return unwanted;
    }

    private void bring() throws IOException, InterruptedException {
        if (store.storedNarSize(narHash).isPresent()) {
            throw new DownloadException(DownloadException.Kind.STORED, "the NAR is stored");
        }
        environment.counters().started.increment();
        long before = -1;
        for (int round = 0; round < MAX_ROUNDS && before < intake.received(); round++) {
            before = intake.received();
            turns.beginRound();
            while (turns.await()) {
                if (turns.fromOneAlone() && intake.received() > 0 && !intake.startOver()) {
                    throw turns.unavailable();
                }
                HolderRace.Opened opened = open();
                if (opened != null && copy(opened)) {
                    return;
                }
            }
        }
        throw turns.unavailable();
    }

    private HolderRace.@Nullable Opened open() throws IOException, InterruptedException {
        cancellation.check();
        HolderRace next = new HolderRace(environment.limits(), environment.counters(), intake.received());
        cancellation.waitsFor(next);
        cancellation.check();
        HolderRace.Opened opened;
        try {
            opened = turns.run(next);
        } finally {
            cancellation.waitsFor(null);
        }
        if (cancellation.isCancelled() && opened != null) {
            close(opened.file().in());
        }
        cancellation.check();
        return opened;
    }

    /** Takes what a holder gives; returns whether the NAR is complete and proven. */
    private boolean copy(HolderRace.Opened opened) throws IOException, InterruptedException {
        if (intake.received() > 0) {
            environment.counters().switched.increment();
        } else if (!counted) {
            counted = true;
            environment.counters().won(opened.holder().origin());
        }
        WireFile file = new WireFile(opened, terms);
        Rival rival = new Rival(() -> toTryOut(opened.holder()), () -> close(file));
        cancellation.reads(file);
        String reason;
        try (file;
                rival) {
            cancellation.check();
            transfer.run(file, rival);
            return proven;
        } catch (DownloadException e) {
            throw e;
        } catch (IOException e) {
            reason = told(file, e);
        } catch (RuntimeException e) {
            LOG.debug("a decoder failed", e);
            reason = told(file, e);
        } finally {
            cancellation.reads(null);
        }
        if (proven) {
            return true;
        }
        cancellation.check();
        if (file.isSlow() && turns.isEmpty()) {
            throw new DownloadException(DownloadException.Kind.BUSY, reason + ", while others wait");
        }
        Holder sooner = rival.sooner();
        if (sooner != null) {
            reason = opened.holder().upstream() + ": slower than " + sooner.upstream();
            turns.overtaken(opened.holder(), sooner);
        }
        if (file.hasChanged()) {
            turns.changed(opened.holder());
        }
        turns.failed(reason);
        LOG.info("NAR {} after {} bytes: {}", narHash, intake.received(), reason);
        return false;
    }

    /** Returns who might be sooner, unless others wait for the threads; null if nobody is to be tried. */
    private @Nullable Holder toTryOut(Holder current) {
        return environment.othersWait().getAsBoolean() ? null : turns.toTryOut(current);
    }

    /** Tells why a file gave no more; what only the decoder complains of makes what came before doubtful. */
    private String told(WireFile file, Exception e) {
        IOException failure = file.failure();
        if (failure != null) {
            return String.valueOf(failure.getMessage());
        }
        intake.doubt();
        return file.holder().upstream() + ": the file is not what was announced: " + e.getMessage();
    }

    private void prove() throws IOException, InterruptedException {
        try {
            intake.prove();
        } catch (DownloadException e) {
            environment.counters().mismatches.increment();
            throw e;
        }
        proven = true;
        environment.counters().completed.increment();
        listener.proven(this);
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            LOG.debug("closing a file", e);
        }
    }
}
