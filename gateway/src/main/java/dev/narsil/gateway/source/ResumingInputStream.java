package dev.narsil.gateway.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file on a web server, continued where it broke off: by a {@code Range} where the server takes them, else by
 * reading what
 * came before once more. That it is still the same file is told by its {@code ETag} and length, where the server gives
 * them.
 */
final class ResumingInputStream extends InputStream {

    private final HttpSource source;
    private final URI uri;
    private final HttpSource.Retries retries;
    private final boolean takesRanges;
    private final @Nullable String entityTag;
    private final long length;
    private volatile HttpBody body;
    private volatile boolean closed;
    private long position;
    private long progressFrom;

    ResumingInputStream(HttpSource source, URI uri, HttpReply first, HttpSource.Retries retries) throws IOException {
        String coding = first.head().contentCoding();
        if (coding != null) {
            first.body().close();
            throw new SourceException(
                    HttpUrls.told(uri) + ": has a Content-Encoding that was not asked for: " + coding);
        }
        this.source = source;
        this.uri = uri;
        this.retries = retries;
        this.takesRanges = "bytes".equals(first.head().header("Accept-Ranges"));
        this.entityTag = first.head().header("ETag");
        this.length = first.head().contentLength();
        this.body = first.body();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        while (true) {
            String reason;
            try {
                int read = body.read(target, off, len);
                if (read >= 0) {
                    advance(read);
                    return read;
                }
                if (length < 0 || position == length) {
                    return -1;
                }
                reason = "ended after " + position + " of " + length + " bytes";
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                if (position == length && !closed) {
                    return -1;
                }
                reason = HttpConnections.reason(e);
            }
            resume(reason);
        }
    }

    private void advance(int read) {
        position += read;
        if (position - progressFrom >= RetryPolicy.PROGRESS_BYTES) {
            progressFrom = position;
            retries.succeeded();
        }
    }

    private void resume(String firstReason) throws IOException {
        String reason = firstReason;
        while (true) {
            if (closed) {
                throw new SourceException("closed");
            }
            retries.failed(reason, Duration.ZERO);
            progressFrom = position;
            Map<String, String> headers =
                    takesRanges && position > 0 ? Map.of("Range", "bytes=" + position + "-") : Map.of();
            HttpReply reply = source.getUntilFinal(uri, headers, retries);
            body = reply.body();
            if (reply.head().isRest(position, length) && isSameFile(reply)) {
                return;
            }
            if (reply.head().status() != 200
                    || !isSameFile(reply)
                    || (length >= 0 && reply.head().contentLength() != length)) {
                reply.body().close();
                throw new SourceException(HttpUrls.told(uri) + ": cannot be continued after " + position + " bytes ("
                        + firstReason + "): HTTP status " + reply.head().status()
                        + (isSameFile(reply) ? "" : ", and it has changed"));
            }
            try {
                body.skipNBytes(position);
                return;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                reason = HttpConnections.reason(e);
            }
        }
    }

    private boolean isSameFile(HttpReply reply) {
        return Objects.equals(reply.head().header("ETag"), entityTag);
    }

    /** As for any stream, and by any thread: a read that blocks fails. */
    @Override
    public void close() {
        closed = true;
        body.close();
    }
}
