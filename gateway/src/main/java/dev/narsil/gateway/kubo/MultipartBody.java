package dev.narsil.gateway.kubo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The body of a call, {@code multipart/form-data} of one file, on its way from one thread that writes to an event loop.
 * At most {@value #PIECES} pieces of {@value #PIECE_BYTES} bytes are on the way; who writes more waits.
 */
final class MultipartBody extends OutputStream {

    static final int PIECE_BYTES = 128 << 10;
    static final int PIECES = 8;

    private final String boundary;
    private final HttpClientRequest request;
    private final Duration stall;
    private final Runnable stalled;
    private final Semaphore room = new Semaphore(PIECES);
    private final byte[] piece = new byte[PIECE_BYTES];
    private int length;
    private volatile boolean stopped;

    /**
     * Begins with the head of the file, in a request of which the head was sent with {@link #contentType}.
     *
     * @param stall longest time for which nothing may be taken while more waits
     * @param stalled run on the writing thread when it is over
     */
    MultipartBody(HttpClientRequest request, String boundary, Duration stall, Runnable stalled) {
        this.request = request;
        this.boundary = boundary;
        this.stall = stall;
        this.stalled = stalled;
        // Kubo takes a slash in the name for a directory
        append("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c0\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n");
    }

    /** Returns what cannot be foreseen, and so is not in the file. */
    static String newBoundary() {
        return UUID.randomUUID().toString();
    }

    static String contentType(String boundary) {
        return "multipart/form-data; boundary=" + boundary;
    }

    private void append(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, piece, length, bytes.length);
        length += bytes.length;
    }

    /** Says that what is still to be written is of no use: the daemon has answered, or is gone. Never waits. */
    void stop() {
        stopped = true;
        room.release(PIECES);
    }

    /** Whether it is of no use to write more. */
    boolean isStopped() {
        return stopped;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int off, int count) throws IOException {
        Objects.checkFromIndexSize(off, count, source.length);
        int from = off;
        int left = count;
        while (left > 0) {
            if (length == PIECE_BYTES) {
                send();
            }
            int n = Math.min(left, PIECE_BYTES - length);
            System.arraycopy(source, from, piece, length, n);
            length += n;
            from += n;
            left -= n;
        }
    }

    private void send() throws IOException {
        try {
            if (!room.tryAcquire(stall.toMillis(), TimeUnit.MILLISECONDS)) {
                stopped = true;
                stalled.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (stopped) {
            throw new IOException("the rest of the file is not wanted");
        }
        request.write(Buffer.buffer(length).appendBytes(piece, 0, length)).onComplete(written -> {
            if (written.failed()) {
                stop();
            }
            room.release();
        });
        length = 0;
    }

    /** Ends the file and the body. Without this, Kubo takes the file for cut. */
    void finish() throws IOException {
        send();
        append("\r\n--" + boundary + "--\r\n");
        send();
        request.end();
    }
}
