package dev.narsil.gateway.upload;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an upload on its way from an event loop, which never waits, to a thread that does.
 *
 * <p>What is not read stays with the client: the event loop is told to stop when {@link #WINDOW_BYTES} wait, and to go
 * on when half of them were read. A client that sends too little while it is waited for is lost; time in which nobody
 * reads does not count.
 */
public final class BodyPipe extends InputStream {

    /** Bytes that wait before the client is held back. */
    public static final int WINDOW_BYTES = 128 << 10;

    private final Pace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private Runnable goOn = () -> {};
    private int firstOffset;
    private int waiting;
    private boolean held;
    private boolean ended;
    private boolean dropped;
    private @Nullable String lost;
    private long received;

    /**
     * How slow a client may be.
     *
     * @param stall longest time without a byte
     * @param bytesPerSecond least rate over each {@code stall} of waiting for it
     */
    public record Pace(Duration stall, int bytesPerSecond) {

        /** A minute, and what a dying line still carries. */
        public static final Pace DEFAULT = new Pace(Duration.ofSeconds(60), 64);
    }

    private long paceWaited;
    private long paceReceived;
    private long timeLeft = Long.MAX_VALUE;

    /** An empty pipe. */
    public BodyPipe(Pace pace) {
        this.pace = pace;
    }

    /** Says how long reading may wait for the client from now on, in all. */
    void limit(Duration time) {
        lock.lock();
        try {
            timeLeft = time.toNanos();
        } finally {
            lock.unlock();
        }
    }

    /** Says what makes the event loop go on after {@link #offer} returned false; called on the reading thread. */
    public void onRoom(Runnable resume) {
        lock.lock();
        try {
            goOn = resume;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next bytes, which are not copied; returns false if no more are wanted for now. Never waits. */
    public boolean offer(byte[] piece) {
        lock.lock();
        try {
            received += piece.length;
            if (!dropped && piece.length > 0) {
                pieces.add(piece);
                waiting += piece.length;
            }
            changed.signalAll();
            held = waiting >= WINDOW_BYTES;
            return !held;
        } finally {
            lock.unlock();
        }
    }

    /** Says that the body is complete. */
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Says that the client is gone. */
    public void lose() {
        lock.lock();
        try {
            if (!ended && lost == null) {
                lost = "the client is gone";
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the whole body was received. */
    public boolean isComplete() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the rest of the body will never come. */
    public boolean isLost() {
        lock.lock();
        try {
            return lost != null;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes received so far. */
    public long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what waits, and all that comes. */
    public void drop() {
        Runnable resume;
        lock.lock();
        try {
            dropped = true;
            pieces.clear();
            waiting = 0;
            firstOffset = 0;
            resume = room(0);
        } finally {
            lock.unlock();
        }
        run(resume);
    }

    /** Waits for the end of the body and keeps nothing of it. */
    public void drain() throws IOException {
        drop();
        while (read() >= 0) {
            // nothing is kept
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads what has come, waiting for the first byte.
     *
     * @throws BodyLostException if no more will come, or too little has
     */
    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, target.length);
        if (len == 0) {
            return 0;
        }
        Runnable resume;
        int count = 0;
        lock.lock();
        try {
            resume = room(WINDOW_BYTES / 2);
        } finally {
            lock.unlock();
        }
        run(resume);
        lock.lock();
        try {
            awaitBytes();
            while (count < len && !pieces.isEmpty()) {
                byte[] first = pieces.getFirst();
                int n = Math.min(len - count, first.length - firstOffset);
                System.arraycopy(first, firstOffset, target, off + count, n);
                count += n;
                firstOffset += n;
                if (firstOffset == first.length) {
                    pieces.removeFirst();
                    firstOffset = 0;
                }
            }
            waiting -= count;
            resume = room(WINDOW_BYTES / 2);
        } finally {
            lock.unlock();
        }
        run(resume);
        return count == 0 ? -1 : count;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    private void awaitBytes() throws IOException {
        long nanos = pace.stall().toNanos();
        while (pieces.isEmpty() && !ended) {
            if (lost != null) {
                throw new BodyLostException(lost);
            }
            long before = System.nanoTime();
            long had = received;
            try {
                var _ = changed.awaitNanos(Math.min(nanos, timeLeft));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                lost = "the server closes";
                continue;
            }
            long waited = System.nanoTime() - before;
            nanos = received > had ? pace.stall().toNanos() : nanos - waited;
            timeLeft -= waited;
            if (nanos <= 0) {
                lost = "no byte came for " + pace.stall().toSeconds() + " s";
            } else if (timeLeft <= 0) {
                lost = "it took too long";
            } else {
                keepPace(waited);
            }
        }
    }

    private void keepPace(long waited) {
        paceWaited += waited;
        if (paceWaited < pace.stall().toNanos()) {
            return;
        }
        if ((received - paceReceived) * 1e9 / paceWaited < pace.bytesPerSecond() && !ended) {
            lost = "less than " + pace.bytesPerSecond() + " bytes a second came";
        }
        paceWaited = 0;
        paceReceived = received;
    }

    /** Returns what lets the event loop go on if it was held back and at most {@code bytes} wait. */
    private @Nullable Runnable room(int bytes) {
        if (!held || waiting > bytes) {
            return null;
        }
        held = false;
        return goOn;
    }

    private static void run(@Nullable Runnable resume) {
        if (resume != null) {
            resume.run();
        }
    }
}
