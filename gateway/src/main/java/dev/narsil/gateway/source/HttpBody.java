package dev.narsil.gateway.source;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of one response as a stream to block on. At most {@value #WINDOW} pieces of up to {@value #MAX_PIECE_BYTES}
 * bytes are
 * held; while nobody reads, nothing more is taken from the connection. Only {@link #close} may be called by another
 * thread.
 */
public final class HttpBody extends InputStream {

    static final int MAX_PIECE_BYTES = 64 << 10;
    private static final int WINDOW = 16;

    /** Most of an unwanted body that is read to keep the connection. */
    private static final int MAX_DISCARDED_BYTES = 64 << 10;

    private sealed interface Piece {
        record Bytes(Buffer buffer) implements Piece {}

        record End() implements Piece {}

        record Failure(String reason) implements Piece {}
    }

    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final Duration timeout;
    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private @Nullable Buffer current;
    private int position;
    private boolean atEnd;

    /**
     * Must be called on the event loop, in the handler that hears of the response.
     *
     * @param timeout longest wait for a piece
     */
    public HttpBody(HttpClientRequest request, HttpClientResponse response, Duration timeout) {
        this.request = request;
        this.response = response;
        this.timeout = timeout;
        response.pause();
        response.exceptionHandler(failure -> pieces.add(new Piece.Failure(HttpConnections.reason(failure))));
        response.endHandler(end -> pieces.add(new Piece.End()));
        response.handler(buffer -> pieces.add(new Piece.Bytes(buffer)));
        response.fetch(WINDOW);
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
        Buffer buffer = current;
        while (buffer == null || position == buffer.length()) {
            buffer = nextBuffer();
            if (buffer == null) {
                return -1;
            }
            current = buffer;
            position = 0;
        }
        int read = Math.min(len, buffer.length() - position);
        buffer.getBytes(position, position + read, target, off);
        position += read;
        return read;
    }

    private @Nullable Buffer nextBuffer() throws IOException {
        if (atEnd) {
            return null;
        }
        current = null;
        return switch (poll()) {
            case Piece.Bytes(Buffer buffer) -> {
                response.fetch(1);
                yield buffer;
            }
            case Piece.End end -> {
                atEnd = true;
                yield null;
            }
            case Piece.Failure(String reason) -> {
                close();
                throw new IOException(reason);
            }
        };
    }

    private Piece poll() throws InterruptedIOException {
        try {
            Piece piece = pieces.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return piece == null ? new Piece.Failure("nothing came for " + timeout.toSeconds() + " s") : piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Returns what was sent after the body under this name, or null; once the body has been read to its end. */
    public @Nullable String trailer(String name) {
        return atEnd ? response.getTrailer(name) : null;
    }

    /** Reads a short rest, so that the connection can be used again, or closes. */
    public void discard() {
        try {
            if (readNBytes(MAX_DISCARDED_BYTES).length == MAX_DISCARDED_BYTES) {
                close();
            }
        } catch (IOException e) {
            close();
        }
    }

    /** Closes the connection unless the body has been read to its end; a blocked read fails. */
    @Override
    public void close() {
        if (!atEnd) {
            request.reset();
            pieces.add(new Piece.Failure("closed"));
        }
    }
}
