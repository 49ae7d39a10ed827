package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The file of one holder as it comes over the wire, continued where it breaks off. Read by one thread; any may close it.
 *
 * <p>Whether a failure was the wire's, and not that of a decoder on top, is told by {@link #failure()}.
 */
final class WireFile extends InputStream {

    /** Times a file is continued without {@link #PROGRESS_BYTES} in between, while another holder is left, and else. */
    static final int MAX_RESUMES = 2;

    static final int MAX_LAST_RESUMES = 5;

    static final long PROGRESS_BYTES = 16 << 10;

    /** Most a file may be longer than what is said of it, or than its NAR where nothing is. */
    private static final long MAX_OVERHEAD = 1 << 20;

    private static final long FIRST_PAUSE_MILLIS = 20;

    private final Holder holder;
    private final DownloadLimits limits;
    private final DownloadCounters counters;
    private final BooleanSupplier othersLeft;
    private final long announced;
    private final long maxBytes;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile InputStream in;

    private byte[] head;
    private int headPosition;
    private long position;
    private long progressFrom;
    private int resumes;
    private boolean restNeeded = true;
    private long waitedNanos;
    private @Nullable IOException failure;

    /**
     * A file of which the first bytes were read.
     *
     * @param head the first bytes, which {@code in} does not give any more
     * @param othersLeft whether the NAR could be had elsewhere
     */
    WireFile(
            Holder holder,
            byte[] head,
            InputStream in,
            DownloadLimits limits,
            DownloadCounters counters,
            BooleanSupplier othersLeft) {
        this.holder = holder;
        this.head = head;
        this.in = in;
        this.limits = limits;
        this.counters = counters;
        this.othersLeft = othersLeft;
        NarInfo info = holder.narInfo();
        Long fileSize = info.fileSize();
        announced = fileSize == null ? 0 : fileSize;
        long narSize = Math.min(info.pathInfo().narSize(), Long.MAX_VALUE / 2);
        maxBytes = Math.max(Math.min(announced, Long.MAX_VALUE / 2), narSize / 8 * 9) + MAX_OVERHEAD;
        counters.wireBytes.add(head.length);
    }

    Holder holder() {
        return holder;
    }

    /** Says that no more of it is needed, so that it is not continued where it breaks off. */
    void dropRest() {
        restNeeded = false;
    }

    /** Why it cannot be read on, or null as long as it can. */
    @Nullable
    IOException failure() {
        return failure;
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
        while (true) {
            String reason;
            try {
                int read = timed(target, off, len);
                if (read >= 0) {
                    advance(read);
                    return read;
                }
                if (announced <= 0 || position >= announced) {
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

    private int timed(byte[] target, int off, int len) throws IOException {
        long began = System.nanoTime();
        try {
            return in.read(target, off, len);
        } finally {
            waitedNanos += System.nanoTime() - began;
        }
    }

    private void advance(int read) throws IOException {
        counters.wireBytes.add(read);
        position += read;
        if (position > maxBytes) {
            throw failed("the file is longer than " + maxBytes + " bytes");
        }
        if (position - progressFrom >= PROGRESS_BYTES) {
            progressFrom = position;
            resumes = 0;
            waitedNanos = 0;
        }
        if (waitedNanos >= limits.stall().toNanos() && othersLeft.getAsBoolean()) {
            throw failed("slow");
        }
    }

    private void resume(String firstReason) throws IOException {
        String reason = firstReason;
        boolean open = false;
        while (!open) {
            if (isClosed() || !restNeeded) {
                throw failed(reason);
            }
            resumes++;
            if (waitedNanos >= limits.stall().toNanos() && othersLeft.getAsBoolean()) {
                throw failed(reason + ", and it was slow");
            }
            if (resumes > (othersLeft.getAsBoolean() ? MAX_RESUMES : MAX_LAST_RESUMES)) {
                throw failed(reason);
            }
            pause(resumes == 1 ? 0 : FIRST_PAUSE_MILLIS << resumes);
            try {
                in.close();
                in = holder.open(position);
                counters.resumed.increment();
                open = true;
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            }
        }
        if (isClosed()) {
            in.close();
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
        in.close();
    }
}
