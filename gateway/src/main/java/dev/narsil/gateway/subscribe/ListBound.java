package dev.narsil.gateway.subscribe;

import dev.narsil.gateway.source.SourceException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A stream that fails when more comes than it may have, or when it takes longer than it may. */
final class ListBound extends FilterInputStream {

    private final long maxBytes;
    private final Duration time;
    private final long begin = System.nanoTime();
    private long read;

    ListBound(InputStream in, long maxBytes, Duration time) {
        super(in);
        this.maxBytes = maxBytes;
        this.time = time;
    }

    @Override
    public int read() throws IOException {
        int next = super.read();
        count(next < 0 ? 0 : 1);
        return next;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        int count = super.read(target, off, len);
        count(Math.max(0, count));
        return count;
    }

    private void count(int bytes) throws SourceException {
        read += bytes;
        if (read > maxBytes) {
            throw new SourceException("the list has more than " + maxBytes + " bytes");
        }
        if (System.nanoTime() - begin > time.toNanos()) {
            throw new SourceException("the list takes longer than " + time.toSeconds() + " s");
        }
    }
}
