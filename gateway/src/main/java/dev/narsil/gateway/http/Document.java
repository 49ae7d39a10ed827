package dev.narsil.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;

/** A small body and its headers, made once and sent many times. */
final class Document {

    private static final long OVERHEAD_BYTES = 512;
    private static final int PIECE_BYTES = 64 << 10;

    private final Buffer body;
    private final MultiMap headers;

    private Document(Buffer body, MultiMap headers) {
        this.body = body;
        this.headers = headers;
    }

    static Document of(String contentType, byte[] body) {
        return new Document(Buffer.buffer(body), headers(contentType, body).copy(false));
    }

    /** As {@link #of(String, byte[])}, with a {@code Cache-Control}. */
    static Document of(String contentType, byte[] body, String cacheControl) {
        MultiMap headers = headers(contentType, body).add(HttpHeaderNames.CACHE_CONTROL, cacheControl);
        return new Document(Buffer.buffer(body), headers.copy(false));
    }

    /** As {@link #of(String, byte[], String)}, with a tag. */
    static Document of(String contentType, byte[] body, String cacheControl, EntityTag tag) {
        MultiMap headers = headers(contentType, body)
                .add(HttpHeaderNames.CACHE_CONTROL, cacheControl)
                .add(HttpHeaderNames.ETAG, tag.value());
        return new Document(Buffer.buffer(body), headers.copy(false));
    }

    private static MultiMap headers(String contentType, byte[] body) {
        return HttpHeaders.headers()
                .add(HttpHeaderNames.CONTENT_TYPE, contentType)
                .add(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
    }

    static Document of(String contentType, String body) {
        return of(contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Roughly the bytes of memory this document takes. */
    long weight() {
        return body.length() + OVERHEAD_BYTES;
    }

    /** Sends it on a thread that may block, and returns when the client's socket has taken all of it. */
    void sendSlowly(HttpServerResponse response, BodyWriter writer) throws ClientLostException, InterruptedException {
        response.headers().addAll(headers);
        writer.length(body.length());
        for (int from = 0; from < body.length(); from += PIECE_BYTES) {
            byte[] piece = body.getBytes(from, Math.min(body.length(), from + PIECE_BYTES));
            writer.write(piece, 0, piece.length);
        }
        writer.finish();
    }

    void send(HttpServerResponse response, boolean head) {
        response.headers().addAll(headers);
        if (head) {
            response.end();
        } else {
            response.end(body);
        }
    }
}
