package dev.narsil.gateway.download;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

    /** Bytes handed to readers at a time: few at first, for an early first byte. */
    private static final int PIECE_BYTES = 64 << 10;

    private static final int FIRST_PIECE_BYTES = 8 << 10;

    /** Stall budgets that a NAR which nobody else has may take for 16 KiB while other downloads wait for their turn. */
    private static final long STALLS_WHILE_OTHERS_WAIT = 4;

    private static final String UNWANTED = "nobody wants the NAR any more";

    private final Sha256 narHash;
    private final String upstream;
    private final boolean fromOneAlone;
    private final Candidates candidates;
    private final NarStore store;
    private final Environment environment;
    private final Intake intake;
    private final Listener listener;

    private final byte[] piece = new byte[PIECE_BYTES];
    private final List<String> failures = new ArrayList<>();
    private final Set<Holder> changed = new HashSet<>();
    private final Set<Holder> triedOut = new HashSet<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private boolean proven;
    private boolean counted;
    private volatile boolean cancelled;
    private volatile @Nullable HolderRace race;
    private volatile @Nullable WireFile wire;

    /** What all downloads share. */
    record Environment(
            DownloadLimits limits,
            DownloadCounters counters,
            DecoderPool decoders,
            Suspicions suspicions,
            ScheduledExecutorService timer,
            BooleanSupplier othersWait) {}

    /** What a file for this download needs to know of it. */
    private final class OfThis implements WireFile.Environment {

        @Override
        public boolean othersLeft() {
            return !candidates.isEmpty() && !(fromOneAlone && nar().isGiven());
        }

        @Override
        public long patienceNanos() {
            long stall = environment.limits().stall().toNanos();
            if (othersLeft()) {
                return stall;
            }
            return environment.othersWait().getAsBoolean() ? STALLS_WHILE_OTHERS_WAIT * stall : Long.MAX_VALUE;
        }

        @Override
        public void skipped() {
            nar().expectMore();
        }

        @Override
        public DownloadCounters counters() {
            return environment.counters();
        }

        @Override
        public ScheduledExecutorService timer() {
            return environment.timer();
        }
    }

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
        this.fromOneAlone = environment.suspicions().isContested(narHash);
        this.candidates = new Candidates(
                fromOneAlone ? environment.suspicions().byTrouble(narHash, holders.now()) : holders.now(),
                holders.late());
        this.store = store;
        this.environment = environment;
        this.intake = new Intake(narHash, nar, environment.suspicions());
        this.listener = listener;
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
        return candidates.all();
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
        cancelled = true;
        HolderRace running = race;
        if (running != null) {
            running.cancel();
        }
        WireFile open = wire;
        if (open != null) {
            close(open);
        }
    }

    /** Stops it if no client reads it and it is not past half; returns whether it did. Who comes later joins another. */
    boolean cancelIfUnwanted() {
        boolean unwanted = intake.failIfUnwanted(new DownloadException(DownloadException.Kind.CANCELLED, UNWANTED));
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
            candidates.beginRound();
            while (candidates.await()) {
                if (fromOneAlone && intake.received() > 0 && !intake.startOver()) {
                    throw unavailable();
                }
                HolderRace.Opened opened = open();
                if (opened != null && copy(opened)) {
                    return;
                }
            }
        }
        throw unavailable();
    }

    private DownloadException unavailable() {
        return new DownloadException(DownloadException.Kind.UNAVAILABLE, String.join("; ", failures));
    }

    private HolderRace.@Nullable Opened open() throws IOException, InterruptedException {
        checkCancelled();
        HolderRace next = new HolderRace(environment.limits(), environment.counters(), intake.received());
        race = next;
        checkCancelled();
        HolderRace.Opened opened;
        try {
            opened = next.run(candidates, failures);
        } finally {
            race = null;
        }
        if (cancelled && opened != null) {
            close(opened.file().in());
        }
        checkCancelled();
        return opened;
    }

    private void checkCancelled() throws DownloadException {
        if (cancelled) {
            throw new DownloadException(DownloadException.Kind.CANCELLED, UNWANTED);
        }
    }

    /** Takes what a holder gives; returns whether the NAR is complete and proven. */
    private boolean copy(HolderRace.Opened opened) throws IOException, InterruptedException {
        if (intake.received() > 0) {
            environment.counters().switched.increment();
        } else if (!counted) {
            counted = true;
            environment.counters().won(opened.holder().origin());
        }
        WireFile file = new WireFile(opened, new OfThis());
        Rival rival = new Rival(() -> toTryOut(opened.holder()), () -> close(file));
        wire = file;
        String reason;
        try (file;
                rival) {
            checkCancelled();
            decode(file, rival);
            return proven;
        } catch (DownloadException e) {
            throw e;
        } catch (IOException e) {
            reason = told(file, e);
        } catch (RuntimeException e) {
            LOG.debug("a decoder failed", e);
            reason = told(file, e);
        } finally {
            wire = null;
        }
        if (proven) {
            return true;
        }
        checkCancelled();
        if (file.isSlow() && candidates.isEmpty()) {
            throw new DownloadException(DownloadException.Kind.BUSY, reason + ", while others wait");
        }
        Holder sooner = rival.sooner();
        if (sooner != null) {
            reason = opened.holder().upstream() + ": slower than " + sooner.upstream();
            candidates.putBack(opened.holder(), false);
            candidates.prefer(sooner);
        }
        if (file.hasChanged() && changed.add(opened.holder())) {
            candidates.putBack(opened.holder(), true);
        }
        failures.add(reason);
        LOG.info("NAR {} after {} bytes: {}", narHash, intake.received(), reason);
        return false;
    }

    /**
     * Returns who might be sooner than the one that the NAR comes from, once for each; null if nobody is to be tried.
     * Upstreams are not tried against each other, as that would cost them traffic.
     */
    private @Nullable Holder toTryOut(Holder current) {
        boolean useful = !fromOneAlone && !environment.othersWait().getAsBoolean();
        Holder next = useful
                ? candidates.best(other -> other.origin() != current.origin() && !triedOut.contains(other))
                : null;
        if (next != null) {
            triedOut.add(next);
        }
        return next;
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

    private void decode(WireFile file, Rival rival) throws IOException, InterruptedException {
        Compression compression = Compression.of(file.holder().narInfo().compression());
        if (compression == Compression.NONE) {
            copy(file, file, rival);
            return;
        }
        BufferedInputStream buffered = new BufferedInputStream(file, PIECE_BYTES);
        DecoderPool.Taken taken = environment.decoders().acquire(file.holder().upstream(), compression, buffered);
        try (InputStream decoded = taken.memory().decode(buffered)) {
            copy(decoded, file, rival);
        } finally {
            environment.decoders().release(taken);
        }
    }

    private void copy(InputStream in, WireFile file, Rival rival) throws IOException, InterruptedException {
        skip(in, intake.received() - (in == file ? file.position() : 0));
        long from = intake.received();
        rival.begin();
        while (intake.missing() > 0) {
            long most = Math.min(FIRST_PIECE_BYTES + intake.received() - from, intake.missing());
            int read = read(in, most);
            if (read > 0) {
                intake.add(file.holder().suspect(), piece, read);
                environment.counters().narBytes.add(read);
                rival.came(read, intake.missing());
            }
        }
        prove();
        file.dropRest();
        drain(in);
    }

    /** Drops what came before. */
    private void skip(InputStream in, long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            left -= read(in, left);
            nar().expectMore();
        }
    }

    /** Reads into the piece. */
    private int read(InputStream in, long most) throws IOException {
        int read = in.read(piece, 0, (int) Math.min(piece.length, most));
        if (read < 0) {
            throw new IOException("it ends before the NAR does, of which " + intake.missing() + " bytes are missing");
        }
        checkCancelled();
        return read;
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

    /** Reads the end of the file if it comes soon, so that its connection can be used again. */
    private void drain(InputStream in) {
        try {
            var _ = in.read(piece, 0, 1);
        } catch (IOException e) {
            LOG.debug("behind the NAR", e);
        }
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            LOG.debug("closing a file", e);
        }
    }
}
