package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries out, while a NAR comes from one holder and would take long, whether another would be much sooner, by some of what is
 * missing. What it gets is thrown away: the NAR is then opened there as usual. Belongs to the thread of the download.
 */
final class Rival implements AutoCloseable {

    /** How long the first holder has before another is tried out. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Least time that the rest is to take for another to be tried out. */
    private static final long WORTH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How many times as soon the other is to be. */
    private static final int FACTOR = 2;

    /** What is enough to tell how fast the other is. */
    private static final long ENOUGH_BYTES = 64 << 10;

    private static final long ENOUGH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What is spent on it at most. */
    private static final long MAX_BYTES = 4 << 20;

    private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int PIECE_BYTES = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Rival.class);

    private final Choice choice;
    private final Runnable onSooner;
    private volatile long began = System.nanoTime();
    private final AtomicLong came = new AtomicLong();
    private volatile long missing = Long.MAX_VALUE;
    private volatile boolean closed;
    private volatile @Nullable InputStream in;
    private volatile @Nullable Holder sooner;
    private boolean tried;

    /** Says who might be tried out. */
    interface Choice {
        /** Takes one who was not tried out yet, or null. */
        @Nullable
        Holder next();
    }

    /**
     * One for what comes from now on.
     *
     * @param onSooner runs on another thread when {@link #sooner()} is known, to end what is slow
     */
    Rival(Choice choice, Runnable onSooner) {
        this.choice = choice;
        this.onSooner = onSooner;
    }

    /** Hears that the first byte is waited for. */
    void begin() {
        began = System.nanoTime();
    }

    /** Hears of bytes that came from the first holder, and how many are missing. */
    void came(long bytes, long left) {
        came.addAndGet(bytes);
        missing = left;
        if (!tried && System.nanoTime() - began >= LEAD_NANOS && restNanos() > WORTH_NANOS) {
            tried = true;
            Holder other = choice.next();
            if (other != null) {
                Thread.ofVirtual().name("nar-rival").start(() -> tryOut(other));
            }
        }
    }

    /** How long the rest takes if it comes as fast as what came. */
    private double restNanos() {
        return (double) missing / Math.max(1, came.get()) * (System.nanoTime() - began);
    }

    private boolean isMuchSooner(double nanos) {
        return FACTOR * nanos < restNanos();
    }

    private void tryOut(Holder other) {
        NarInfo info = other.narInfo();
        boolean asIs = info.compression().equals(Compression.NONE.toString());
        long narSize = info.pathInfo().narSize();
        Long fileSize = info.fileSize();
        long needed = asIs ? missing : fileSize == null ? narSize : fileSize;
        long start = System.nanoTime();
        try {
            OpenFile file = other.open(asIs ? narSize - missing : 0, FileVersion.ANY);
            try (InputStream stream = file.in()) {
                in = stream;
                byte[] piece = new byte[PIECE_BYTES];
                long got = 0;
                long nanos = 0;
                boolean ended = false;
                while (!closed && !ended) {
                    int read = stream.read(piece);
                    got += Math.max(0, read);
                    nanos = System.nanoTime() - start;
                    ended = read < 0 || got >= MAX_BYTES || nanos >= MAX_NANOS;
                    boolean enough = ended || (got >= ENOUGH_BYTES && nanos >= ENOUGH_NANOS);
                    if (enough && got > 0 && isMuchSooner((double) needed / got * nanos)) {
                        won(other);
                        return;
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("{} is not tried out any further", other.upstream(), e);
        }
    }

    private void won(Holder other) {
        if (!closed) {
            sooner = other;
            onSooner.run();
        }
    }

    /** Returns who is to go on, or null as long as nobody is known to be sooner. */
    @Nullable
    Holder sooner() {
        return sooner;
    }

    @Override
    public void close() {
        closed = true;
        InputStream open = in;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("closing what was tried out", e);
            }
        }
    }
}
