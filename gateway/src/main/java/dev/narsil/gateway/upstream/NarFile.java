package dev.narsil.gateway.upstream;

import dev.narsil.gateway.source.HttpBody;
import dev.narsil.gateway.source.HttpConnections;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The file of a NAR as an upstream sends it. A read fails when the connection does, when nothing comes for the stall
 * time-out, and when less than {@value UpstreamLimits#MIN_BYTES_PER_SECOND} bytes a second come over that time; time
 * in which nobody reads does not count. Only {@link #close} may be called by another thread.
 */
final class NarFile extends InputStream {

    /** Bytes after which a file that breaks off is no failure of its server. */
    static final long GOOD_PART_BYTES = 64 << 10;

    private final Upstream upstream;
    private final HttpBody body;
    private final long windowNanos;
    private final long windowBytes;
    private volatile boolean closed;
    private boolean ended;
    private long waitedNanos;
    private long cameBytes;
    private long totalBytes;

    NarFile(Upstream upstream, HttpBody body, Duration stall) {
        this.upstream = upstream;
        this.body = body;
        this.windowNanos = stall.toNanos();
        this.windowBytes = UpstreamLimits.MIN_BYTES_PER_SECOND * stall.toMillis() / 1000;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        if (ended) {
            return -1;
        }
        long began = System.nanoTime();
        int read;
        try {
            read = body.read(target, off, len);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw failure(HttpConnections.reason(e), e);
        }
        if (read < 0) {
            ended = true;
            upstream.narSucceeded();
            return -1;
        }
        waitedNanos += System.nanoTime() - began;
        cameBytes += read;
        totalBytes += read;
        if (waitedNanos >= windowNanos) {
            if (cameBytes < windowBytes) {
                body.close();
                throw failure(
                        "only " + cameBytes + " bytes came in "
                                + Duration.ofNanos(waitedNanos).toMillis() + " ms",
                        null);
            }
            waitedNanos = 0;
            cameBytes = 0;
        }
        return read;
    }

    private IOException failure(String reason, @Nullable IOException cause) {
        if (closed) {
            return new IOException("closed", cause);
        }
        if (totalBytes < GOOD_PART_BYTES) {
            upstream.narFailed(reason, Duration.ZERO);
        } else {
            upstream.narCut(reason);
        }
        return new IOException(upstream.url() + ": " + reason, cause);
    }

    /** As for any stream, and by any thread: a read that blocks fails. */
    @Override
    public void close() {
        closed = true;
        body.close();
    }
}
