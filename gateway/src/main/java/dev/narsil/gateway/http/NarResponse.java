package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.download.DownloadException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answer to one request for a NAR, made on a thread of its own. */
final class NarResponse {

    private static final Logger LOG = LoggerFactory.getLogger(NarResponse.class);

    private static final CharSequence ACCEPT_RANGES = HttpHeaders.createOptimized("bytes");

    /** A NAR is named by its hash, so it never changes. */
    private static final CharSequence CACHE_CONTROL =
            HttpHeaders.createOptimized("public, max-age=31536000, immutable");

    private final NarFile.Lookup lookup;
    private final Traffic traffic;
    private final String name;
    private final HttpServerRequest request;
    private final BodyWriter body;
    private final boolean head;
    private final List<String> ifNoneMatch;
    private final List<String> ranges;
    private final List<String> ifRange;

    /**
     * An answer to {@code request} with the file that {@code lookup} finds. To be made on its event loop.
     *
     * @param name what the file is called in messages
     */
    NarResponse(NarFile.Lookup lookup, Traffic traffic, String name, HttpServerRequest request, BodyWriter body) {
        this.lookup = lookup;
        this.traffic = traffic;
        this.name = name;
        this.request = request;
        this.body = body;
        head = Reply.isHead(request);
        ifNoneMatch = request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH);
        ranges = request.headers().getAll(HttpHeaderNames.RANGE);
        ifRange = request.headers().getAll(HttpHeaderNames.IF_RANGE);
    }

    /** Answers, and returns when the client has all of it or can have no more. */
    void run() {
        boolean settled = false;
        try {
            answer();
            settled = true;
        } catch (ClientLostException e) {
            (e.isStalled() ? traffic.stalledResponses : traffic.lostResponses).increment();
            LOG.debug("{} for {}: {}", name, request.remoteAddress(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.debug("{} for {}: the server closes", name, request.remoteAddress());
        } catch (DownloadException e) {
            if (e.kind() == DownloadException.Kind.CANCELLED) {
                traffic.lostResponses.increment();
                LOG.debug("{} for {}: {}", name, request.remoteAddress(), e.getMessage());
            } else {
                settled = fail(e);
            }
        } catch (IOException e) {
            settled = fail(e);
        } catch (RejectedExecutionException e) {
            traffic.refusedRequests.increment();
            settled = isTellable();
            if (settled) {
                Reply.busy(request, "too many requests at a time");
            }
        } catch (RuntimeException e) {
            LOG.error("{} for {} failed", name, request.remoteAddress(), e);
            settled = isTellable();
            if (settled) {
                Reply.failed(request);
            }
        } finally {
            body.close();
            if (!settled) {
                Connections.reset(request.connection());
            }
        }
    }

    private void answer() throws IOException, InterruptedException {
        Optional<NarFile> found = lookup.find();
        if (found.isEmpty()) {
            Reply.notFound(request, "no such NAR");
            return;
        }
        long length = found.get().size();
        EntityTag tag = found.get().tag();
        HttpServerResponse response = request.response();
        if (tag.isListedIn(ifNoneMatch)) {
            describe(response.headers(), tag);
            response.setStatusCode(304).end();
            return;
        }
        ByteRange range = range(length, tag);
        if (range.kind() == ByteRange.Kind.UNSATISFIABLE) {
            response.putHeader(HttpHeaderNames.CONTENT_RANGE, range.contentRange(length))
                    .putHeader(HttpHeaderNames.ACCEPT_RANGES, ACCEPT_RANGES);
            Reply.text(request, 416, "the NAR has " + length + " bytes");
            return;
        }
        if (head) {
            announce(response, found.get(), range);
            response.end();
            return;
        }
        Optional<NarBody> opened = found.get().open(range.from(), range.length(), body::whenLost);
        if (opened.isEmpty()) {
            Reply.notFound(request, "no such NAR");
            return;
        }
        try (NarBody bytes = opened.get()) {
            send(bytes, found.get(), range);
        }
    }

    private void send(NarBody bytes, NarFile file, ByteRange range) throws IOException, InterruptedException {
        body.whenLost(bytes::giveUp);
        NarSlice slice = bytes.next();
        announce(request.response(), file, range);
        body.length(range.length());
        long given = 0;
        while (slice != null) {
            traffic.narBytesRead.add(slice.length());
            given += slice.length();
            if (given > range.length()) {
                break;
            }
            body.write(slice.array(), slice.offset(), slice.length());
            if (!bytes.ready()) {
                body.flush();
            }
            slice = bytes.next();
        }
        if (given != range.length()) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT, "the store gave " + given + " of " + range.length() + " bytes");
        }
        body.finish();
        traffic.narsServed.increment();
    }

    /**
     * Takes the range of a GET (RFC 9110 defines none for HEAD) if there is exactly one and If-Range does not forbid
     * it.
     */
    private ByteRange range(long size, EntityTag tag) {
        boolean wanted = !head && ranges.size() == 1 && ifRange.size() <= 1;
        if (!wanted || !tag.allowsRange(ifRange.isEmpty() ? null : ifRange.getFirst())) {
            return ByteRange.whole(size);
        }
        return ByteRange.parse(ranges.getFirst(), size);
    }

    private void announce(HttpServerResponse response, NarFile file, ByteRange range) {
        describe(response.headers(), file.tag());
        response.putHeader(HttpHeaderNames.CONTENT_TYPE, file.contentType())
                .putHeader(HttpHeaderNames.CONTENT_LENGTH, Long.toString(range.length()));
        if (range.kind() == ByteRange.Kind.PART) {
            response.setStatusCode(206).putHeader(HttpHeaderNames.CONTENT_RANGE, range.contentRange(file.size()));
        }
    }

    private static void describe(MultiMap headers, EntityTag tag) {
        headers.set(HttpHeaderNames.ETAG, tag.value())
                .set(HttpHeaderNames.CACHE_CONTROL, CACHE_CONTROL)
                .set(HttpHeaderNames.ACCEPT_RANGES, ACCEPT_RANGES);
    }

    /** Tells whether stored bytes are wrong, so that asking again later is of no use. */
    static boolean isCorrupt(IOException e) {
        return !(e instanceof StoreException trouble) || trouble.kind() == StoreException.Kind.CORRUPT;
    }

    /** Answers 503 where there is no room, else 404, while that is possible; returns whether it was. */
    private boolean fail(DownloadException e) {
        LOG.info("{} for {} cannot be had: {}", name, request.remoteAddress(), e.getMessage());
        if (!isTellable()) {
            return false;
        }
        request.response().headers().clear();
        if (e.kind() == DownloadException.Kind.BUSY) {
            traffic.refusedRequests.increment();
            Reply.busy(request, "no room for another download");
        } else {
            Reply.notFound(request, "no upstream gives the NAR");
        }
        return true;
    }

    private boolean isTellable() {
        return !body.started() && !request.response().headWritten();
    }

    /** Answers 404 for wrong bytes and 503 for other trouble while that is possible; returns whether it was. */
    private boolean fail(IOException e) {
        boolean corrupt = isCorrupt(e);
        if (corrupt) {
            traffic.corruptResponses.increment();
        }
        boolean tellable = isTellable();
        LOG.error(
                "{} for {} cannot be served, {}: {}",
                name,
                request.remoteAddress(),
                tellable ? "refused" : "connection reset",
                e.getMessage());
        if (!tellable) {
            return false;
        }
        request.response().headers().clear();
        if (corrupt) {
            Reply.notFound(request, "the NAR cannot be reconstructed");
        } else {
            Reply.busy(request, "the store has trouble");
        }
        return true;
    }
}
