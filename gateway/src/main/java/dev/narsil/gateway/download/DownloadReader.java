package dev.narsil.gateway.download;

import dev.narsil.blockstore.NarSlice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a NAR that is being downloaded, or of a range of it, in order. A client cannot have the last of them before
 * the NAR is proven, wherever they end. Not safe for use by several threads.
 */
public final class DownloadReader implements AutoCloseable {

    private static final int MAX_SLICE = 128 << 10;

    private final SpooledNar nar;
    private final FileChannel file;
    private final long length;
    private final long end;
    private final long provenFrom;
    private final boolean client;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final byte[] buffer;
    private long position;
    private volatile boolean givenUp;

    DownloadReader(SpooledNar nar, FileChannel file, long from, long length, boolean client) {
        this.nar = nar;
        this.file = file;
        this.length = length;
        this.position = from;
        this.end = from + length;
        this.provenFrom = client ? end - Math.min(length, SpooledNar.WITHHELD_BYTES) : end;
        this.client = client;
        this.buffer = new byte[(int) Math.min(length, MAX_SLICE)];
    }

    /** Number of bytes that {@link #next()} gives in all. */
    public long length() {
        return length;
    }

    /** Whether {@link #next()} returns or fails without waiting for more to arrive. */
    public boolean ready() {
        return position >= end || nar.isSettled(position, provenFrom);
    }

    /**
     * Waits until there are bytes to read.
     *
     * @throws DownloadException if there will be none
     */
    void awaitReady() throws DownloadException, InterruptedException {
        var _ = nar.await(position, provenFrom, false, () -> givenUp);
    }

    /**
     * Returns the next bytes, or null after the last. They are valid until the next call.
     *
     * @throws DownloadException if the NAR cannot be had; if it is WRONG, the bytes given out so far may be so
     */
    public @Nullable NarSlice next() throws IOException, InterruptedException {
        if (position >= end) {
            return null;
        }
        long readable = Math.min(end, nar.await(position, provenFrom, client, () -> givenUp));
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, readable - position));
        int read = file.read(target, position);
        if (read <= 0) {
            throw new EOFException("the spool file ends at " + position);
        }
        position += read;
        return new NarSlice(buffer, 0, read);
    }

    /** Ends a wait in {@link #next()}, by any thread, when nobody wants the bytes any more. */
    public void giveUp() {
        givenUp = true;
        nar.wake();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                file.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("a spool file cannot be closed", e);
            } finally {
                nar.leave(client);
            }
        }
    }
}
