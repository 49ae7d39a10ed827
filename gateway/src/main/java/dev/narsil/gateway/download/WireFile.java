package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileChangedException;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one holder as it comes over the wire, continued where it breaks off. It fails when it is slow while there is
 * something to gain by that. Read by one thread; any may close it.
 *
 * <p>Whether a failure was the wire's, and not that of a decoder on top, is told by {@link #failure()}.
 */
final class WireFile extends InputStream {

    /** Times a file is continued without {@link Pace#PROGRESS_BYTES} in between, while another holder is left, and else. */
    static final int MAX_RESUMES = 2;

    static final int MAX_LAST_RESUMES = 5;

    private static final Logger LOG = LoggerFactory.getLogger(WireFile.class);

    /** Most a file may be longer than what is said of it, or than its NAR where nothing is. */
    private static final long MAX_OVERHEAD = 1 << 20;

    private static final long FIRST_PAUSE_MILLIS = 20;

    /** Longest wait for an answer, while nobody else is left; the holder's own time-outs are shorter. */
    private static final long MAX_OPEN_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final int SKIP_BYTES = 16 << 10;

    private final Holder holder;
    private final Environment environment;
    private final long announced;
    private final long maxBytes;
    private final FileVersion version;
    private final Pace pace;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile InputStream in;
    private volatile @Nullable Opening opening;

    private byte[] head;
    private int headPosition;
    private long position;
    private long toSkip;
    private long continuedFrom;
    private int resumes;
    private boolean restNeeded = true;
    private boolean changed;
    private boolean slow;
    private @Nullable IOException failure;

    /** What a file needs to know of the download it is for. */
    interface Environment {

        /** Whether the NAR could be had elsewhere. */
        boolean othersLeft();

        /** How long it may bring less than {@link Pace#PROGRESS_BYTES}; {@link Long#MAX_VALUE} if nothing is to be gained. */
        long patienceNanos();

        /** Hears that bytes came that are not given out, as they were before. */
        void skipped();

        DownloadCounters counters();

        ScheduledExecutorService timer();
    }

    /** A file of which the first bytes were read. */
    WireFile(HolderRace.Opened opened, Environment environment) {
        this.holder = opened.holder();
        this.head = opened.head();
        this.in = opened.file().in();
        this.position = opened.file().from();
        this.continuedFrom = position;
        this.version = opened.file().version();
        this.environment = environment;
        NarInfo info = holder.narInfo();
        Long fileSize = info.fileSize();
        announced = fileSize == null ? 0 : fileSize;
        long narSize = Math.min(info.pathInfo().narSize(), Long.MAX_VALUE / 2);
        maxBytes = Math.max(Math.min(announced, Long.MAX_VALUE / 2), narSize / 8 * 9) + MAX_OVERHEAD;
        environment.counters().wireBytes.add(head.length);
        pace = new Pace(environment::patienceNanos, environment.timer(), this::endRead);
    }

    Holder holder() {
        return holder;
    }

    /** Offset of the next byte. */
    long position() {
        return position;
    }

    /** Says that no more of it is needed: it is not continued where it breaks off, nor waited for. */
    void dropRest() {
        restNeeded = false;
        pace.rest();
    }

    /** Why it cannot be read on, or null as long as it can. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Whether it cannot be read on because it was slower than there is patience for. */
    boolean isSlow() {
        return slow;
    }

    /** Whether it cannot be read on because its holder has another one in its place. */
    boolean hasChanged() {
        return changed;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (headPosition < head.length) {
            return readHead(target, off, len);
        }
        while (true) {
            String reason;
            try {
                int read = toSkip > 0 ? skipSome() : pace.read(in, target, off, len);
                if (read >= 0 && toSkip > 0) {
                    skipped(read);
                    continue;
                }
                if (read >= 0) {
                    advance(read);
                    return read;
                }
                if (toSkip == 0 && (announced <= 0 || position >= announced)) {
                    return -1;
                }
                reason = "ended after " + position + " of " + announced + " bytes";
            } catch (IOException e) {
                if (failure != null) {
                    throw e;
                }
                if (announced > 0 && position == announced && !isClosed()) {
                    return -1;
                }
                reason = String.valueOf(e.getMessage());
            }
            resume(reason);
        }
    }

    private int readHead(byte[] target, int off, int len) {
        int n = Math.min(len, head.length - headPosition);
        System.arraycopy(head, headPosition, target, off, n);
        headPosition += n;
        position += n;
        if (headPosition == head.length) {
            head = new byte[0];
            headPosition = 0;
        }
        return n;
    }

    private int skipSome() throws IOException {
        byte[] unwanted = new byte[(int) Math.min(SKIP_BYTES, toSkip)];
        return pace.read(in, unwanted, 0, unwanted.length);
    }

    /** Ends a read that waits too long, on the timer's thread. */
    private void endRead() {
        try {
            in.close();
        } catch (IOException e) {
            LOG.debug("closing a slow file", e);
        }
    }

    private void skipped(int read) throws IOException {
        toSkip -= read;
        brought(read);
        environment.skipped();
    }

    private void advance(int read) throws IOException {
        position += read;
        if (position > maxBytes) {
            throw failed("the file is longer than " + maxBytes + " bytes");
        }
        if (position - continuedFrom >= Pace.PROGRESS_BYTES) {
            continuedFrom = position;
            resumes = 0;
        }
        brought(read);
    }

    private void brought(int read) throws IOException {
        environment.counters().wireBytes.add(read);
        pace.brought(read);
        if (pace.isTooSlow()) {
            slow = true;
            throw failed("slow");
        }
    }

    private void resume(String firstReason) throws IOException {
        String reason = firstReason;
        while (true) {
            if (isClosed() || !restNeeded) {
                throw failed(reason);
            }
            if (pace.isTooSlow()) {
                slow = true;
                throw failed(reason + ", and it was slow");
            }
            resumes++;
            if (resumes > (environment.othersLeft() ? MAX_RESUMES : MAX_LAST_RESUMES)) {
                throw failed(reason);
            }
            pause(resumes == 1 ? 0 : FIRST_PAUSE_MILLIS << resumes);
            try {
                in.close();
                OpenFile file = reopen();
                in = file.in();
                toSkip = position - file.from();
                environment.counters().resumed.increment();
                if (isClosed()) {
                    in.close();
                }
                return;
            } catch (FileChangedException e) {
                changed = true;
                throw failed(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            }
        }
    }

    private OpenFile reopen() throws IOException {
        long began = System.nanoTime();
        Opening next = Opening.start(holder, position, version);
        opening = next;
        try {
            if (isClosed()) {
                next.giveUp();
            }
            return next.await(Math.min(pace.leftNanos(), MAX_OPEN_NANOS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        } finally {
            opening = null;
            pace.waited(began);
        }
    }

    private void pause(long millis) throws IOException {
        try {
            var _ = closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
    }

    private IOException failed(String reason) {
        IOException e = new IOException(holder.upstream() + ": " + reason);
        failure = e;
        return e;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Ends it; a read that waits fails. */
    @Override
    public void close() throws IOException {
        closed.countDown();
        pace.close();
        Opening running = opening;
        if (running != null) {
            running.giveUp();
        }
        in.close();
    }
}
