package dev.narsil.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A response body written by a thread that may block, in large buffers and never far ahead of the client.
 *
 * <p>Bytes are copied into direct buffers, so that nothing of the store is held for a slow client. A buffer is handed
 * to the event loop when it is full and more follows, or at {@link #flush}; the status and headers go with the first. At most {@link
 * #WINDOW_BYTES} are allocated at a time. Writes run on the event loop, where every one of them is completed, also when
 * the connection closes.
 */
final class BodyWriter implements AutoCloseable {

    /** Bytes handed to the event loop at a time. */
    static final int BUFFER_BYTES = 256 << 10;

    /** Most bytes of one response that are allocated and not yet taken by the client's socket. */
    static final int WINDOW_BYTES = 3 * BUFFER_BYTES;

    private final HttpServerResponse response;
    private final Context context;
    private final long stallNanos;
    private final LongAdder sent;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long pending;
    private long remaining;
    private boolean lost;
    private @Nullable Runnable onLost;

    private @Nullable ByteBuf buffer;
    private boolean started;

    /**
     * A body for {@code response}. To be made on its event loop.
     *
     * @param sent counts the bytes taken by the client's socket
     */
    BodyWriter(HttpServerResponse response, Context context, Duration stallTimeout, LongAdder sent) {
        this.response = response;
        this.context = context;
        this.stallNanos = stallTimeout.toNanos();
        this.sent = sent;
        response.closeHandler(v -> lose());
        response.exceptionHandler(e -> lose());
    }

    /** Says how long the body is. */
    void length(long bytes) {
        remaining = bytes;
    }

    /** Has {@code action} run, on the event loop or at once, when the client is gone. */
    void whenLost(Runnable action) {
        boolean gone;
        lock.lock();
        try {
            onLost = action;
            gone = lost;
        } finally {
            lock.unlock();
        }
        if (gone) {
            action.run();
        }
    }

    /** Whether anything was handed to the event loop, so that the status cannot change any more. */
    boolean started() {
        return started;
    }

    /**
     * Takes the next bytes, waiting while the client is behind.
     *
     * @throws ClientLostException if the client is gone, or took nothing for the stall time-out
     */
    void write(byte[] data, int off, int len) throws ClientLostException, InterruptedException {
        requireClient();
        int from = off;
        int left = len;
        while (left > 0) {
            ByteBuf target = room();
            int n = Math.min(left, target.writableBytes());
            target.writeBytes(data, from, n);
            from += n;
            left -= n;
        }
    }

    /** Hands over what was taken so far, as the next bytes may be long in coming. */
    void flush() {
        ByteBuf target = buffer;
        if (target != null && target.isReadable()) {
            remaining += target.writableBytes();
            handOver(target);
        }
    }

    /** Ends the body and waits until the client's socket has taken all of it. */
    void finish() throws ClientLostException, InterruptedException {
        ByteBuf last = buffer;
        buffer = null;
        started = true;
        if (last == null) {
            context.runOnContext(v -> response.end());
        } else {
            int bytes = last.readableBytes();
            context.runOnContext(v -> settle(response.end(BufferInternal.buffer(last)), last, bytes));
        }
        await(0);
    }

    /** Gives back what was not handed over. */
    @Override
    public void close() {
        ByteBuf unused = buffer;
        buffer = null;
        if (unused != null) {
            settle(Future.failedFuture("never written"), unused, 0);
        }
    }

    private ByteBuf room() throws ClientLostException, InterruptedException {
        ByteBuf target = buffer;
        if (target != null && target.isWritable()) {
            return target;
        }
        if (target != null) {
            handOver(target);
        }
        await(WINDOW_BYTES - BUFFER_BYTES);
        int bytes = (int) Math.max(1, Math.min(BUFFER_BYTES, remaining));
        target = PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
        remaining -= bytes;
        lock.lock();
        try {
            pending += bytes;
        } finally {
            lock.unlock();
        }
        buffer = target;
        return target;
    }

    private void handOver(ByteBuf full) {
        buffer = null;
        started = true;
        int bytes = full.readableBytes();
        context.runOnContext(v -> settle(response.write(BufferInternal.buffer(full)), full, bytes));
    }

    private void settle(Future<Void> write, ByteBuf written, int bytes) {
        write.onComplete(result -> {
            int capacity = written.capacity();
            written.release();
            if (result.succeeded()) {
                sent.add(bytes);
            }
            lock.lock();
            try {
                pending -= capacity;
                lost |= result.failed();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        });
    }

    private void requireClient() throws ClientLostException {
        lock.lock();
        try {
            if (lost) {
                throw ClientLostException.gone();
            }
        } finally {
            lock.unlock();
        }
    }

    private void lose() {
        Runnable action;
        lock.lock();
        try {
            lost = true;
            action = onLost;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (action != null) {
            action.run();
        }
    }

    /** Waits until at most {@code bytes} are allocated; any buffer the client takes starts the stall time-out anew. */
    private void await(long bytes) throws ClientLostException, InterruptedException {
        lock.lock();
        try {
            long seen = pending;
            long nanos = stallNanos;
            while (pending > bytes && !lost) {
                if (pending != seen) {
                    seen = pending;
                    nanos = stallNanos;
                }
                if (nanos <= 0) {
                    throw ClientLostException.stalled();
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (lost) {
                throw ClientLostException.gone();
            }
        } finally {
            lock.unlock();
        }
    }
}
