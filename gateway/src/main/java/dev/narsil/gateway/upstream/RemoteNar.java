package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileChangedException;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.HttpHead;
import dev.narsil.gateway.source.HttpReply;
import dev.narsil.gateway.source.OpenFile;
import dev.narsil.gateway.source.SourceException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;

/** The file of a NAR at an upstream. Safe for use by many threads. */
public final class RemoteNar {

    private final Upstream upstream;
    private final NarInfo narInfo;
    private final Duration stall;

    RemoteNar(Upstream upstream, NarInfo narInfo, Duration stall) {
        this.upstream = upstream;
        this.narInfo = narInfo;
        this.stall = stall;
    }

    /** Returns the URL of the upstream, without credentials. */
    public String upstream() {
        return upstream.url();
    }

    /** Returns what the upstream says of the path and of the file; a signature that counts says so too. */
    public NarInfo narInfo() {
        return narInfo;
    }

    /** Tells whether the upstream has answered lately, or has not been asked. */
    public boolean isExpected() {
        return upstream.isClosed();
    }

    /** Returns how long to wait for this upstream before another is asked as well. */
    public Duration hedge() {
        return Duration.ofNanos(upstream.hedgeNanos());
    }

    /**
     * Opens the file from byte {@code from} on, or from its first byte if the server takes no ranges, as it is stored:
     * compressed, and not verified. This is one attempt: the result, and whether reading it fails, tells the circuit
     * breaker of the upstream. Blocks, as reading does; only {@code close} may be called by another thread.
     *
     * @param expected the state of the file that the bytes are to be of
     * @throws FileChangedException if it is in another state now
     * @throws SourceException if this upstream does not have the file, or not in a form that can be read
     * @throws IOException if it does not answer in time, or says that it cannot now
     */
    public OpenFile open(long from, FileVersion expected) throws IOException {
        HttpReply reply;
        try {
            reply = upstream.open(narInfo.url(), from, expected.validator());
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            upstream.health().narFailed(String.valueOf(e.getMessage()), Duration.ZERO);
            throw new IOException(upstream.url() + ": " + e.getMessage(), e);
        }
        HttpHead head = reply.head();
        boolean rest = from > 0 && head.isRest(from, -1);
        if (head.contentCoding() != null || !(head.status() == 200 || rest)) {
            reply.body().close();
            throw refused(head);
        }
        FileVersion version = FileVersion.of(head);
        if (version.contradicts(expected)) {
            reply.body().close();
            throw new FileChangedException(this + " has changed");
        }
        return new OpenFile(new NarFile(upstream, reply.body(), stall), rest ? from : 0, version);
    }

    private IOException refused(HttpHead head) {
        String where = upstream.url() + "/" + narInfo.url();
        if (head.isTransient()) {
            String reason = "HTTP status " + head.status();
            upstream.health().narFailed(reason, head.retryAfter());
            return new IOException(where + ": " + reason);
        }
        String reason = head.contentCoding() != null
                ? "a Content-Encoding that was not asked for: " + head.contentCoding()
                : "HTTP status " + head.status();
        upstream.health().narUseless(narInfo.url() + ": " + reason);
        return new SourceException(where + ": " + reason);
    }

    @Override
    public String toString() {
        return upstream.url() + "/" + narInfo.url();
    }
}
