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
    private final Part part;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final byte[] buffer;
    private long position;
    private volatile boolean givenUp;

    DownloadReader(SpooledNar nar, FileChannel file, Part part) {
        this.nar = nar;
        this.file = file;
        this.part = part;
        this.position = part.from();
        this.buffer = new byte[(int) Math.min(length(), MAX_SLICE)];
    }

    /** Number of bytes that {@link #next()} gives in all. */
    public long length() {
        return part.end() - part.from();
    }

    /** Whether {@link #next()} returns or fails without waiting for more to arrive. */
    public boolean ready() {
        return position >= part.end() || nar.isSettled(position, part);
    }

    /**
     * Waits until there are bytes to read.
     *
     * @throws DownloadException if there will be none
     */
    void awaitReady() throws DownloadException, InterruptedException {
        var _ = nar.await(position, part, false, () -> givenUp);
    }

    /**
     * Returns the next bytes, or null after the last. They are valid until the next call.
     *
     * @throws DownloadException if the NAR cannot be had; if it is WRONG, the bytes given out so far may be so
     */
    public @Nullable NarSlice next() throws IOException, InterruptedException {
        if (position >= part.end()) {
            return null;
        }
        long readable = Math.min(part.end(), nar.await(position, part, true, () -> givenUp));
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

    boolean isGivenUp() {
        return givenUp;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                file.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("a spool file cannot be closed", e);
            } finally {
                nar.leave(part.client());
            }
        }
    }
}
