package dev.narsil.gateway.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The client's standard input: each read that finds nothing at hand asks the client for one frame. */
final class RemoteInput extends InputStream {

    private final FrameChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private byte[] piece = new byte[0];
    private int position;
    private boolean wanted;
    private boolean ended;
    private boolean gone;

    RemoteInput(FrameChannel channel) {
        this.channel = channel;
    }

    /** Takes what the client sent; an empty payload is the end of the input. */
    void accept(byte[] payload) throws ControlException {
        lock.lock();
        try {
            if (!wanted) {
                throw new ControlException("input that was not asked for");
            }
            wanted = false;
            piece = payload;
            position = 0;
            ended = payload.length == 0;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes a reader: nothing will arrive any more. */
    void disconnected() {
        lock.lock();
        try {
            gone = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, target.length);
        if (len == 0) {
            return 0;
        }
        lock.lock();
        try {
            if (position == piece.length && !ended) {
                await();
            }
            if (ended) {
                return -1;
            }
            int n = Math.min(len, piece.length - position);
            System.arraycopy(piece, position, target, off, n);
            position += n;
            return n;
        } finally {
            lock.unlock();
        }
    }

    private void await() throws IOException {
        wanted = true;
        channel.write(FrameType.INPUT_WANTED, new byte[0], 0, 0);
        while (wanted) {
            if (gone) {
                throw new CancelledException();
            }
            try {
                arrived.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for input");
            }
        }
    }
}
