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
 * in which nobody reads does not count. A connection that breaks after bytes came does not open the circuit breaker: the
 * upstream answers. Only {@link #close} may be called by another thread.
 */
final class NarFile extends InputStream {

    private final Upstream upstream;
    private final HttpBody body;
    private final long windowNanos;
    private final long windowBytes;
    private volatile boolean closed;
    private boolean ended;
    private boolean began;
    private long waitedNanos;
    private long cameBytes;

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
        long asked = System.nanoTime();
        int read;
        try {
            read = body.read(target, off, len);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            boolean broke = began && System.nanoTime() - asked < windowNanos;
            throw failure(HttpConnections.reason(e), e, broke);
        }
        if (read < 0) {
            ended = true;
            upstream.health().narSucceeded();
            return -1;
        }
        began = true;
        waitedNanos += System.nanoTime() - asked;
        cameBytes += read;
        if (waitedNanos >= windowNanos) {
            if (cameBytes < windowBytes) {
                body.close();
                throw failure(
                        "only " + cameBytes + " bytes came in "
                                + Duration.ofNanos(waitedNanos).toMillis() + " ms",
                        null,
                        false);
            }
            waitedNanos = 0;
            cameBytes = 0;
        }
        return read;
    }

    private IOException failure(String reason, @Nullable IOException cause, boolean broke) {
        if (closed) {
            return new IOException("closed", cause);
        }
        if (broke) {
            upstream.health().narBroke(reason);
        } else {
            upstream.health().narFailed(reason, Duration.ZERO);
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
