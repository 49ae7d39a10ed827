package dev.narsil.gateway.source;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A binary cache on a web server. What fails for a reason that may pass is tried again with growing delays; a file
 * that breaks
 * off is continued where it did.
 */
public final class HttpSource implements CacheSource {

    private final URI root;
    private final @Nullable String authorization;
    private final StoreDir storeDir;
    private final RetryPolicy retryPolicy;
    private final HttpConnections connections;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * A cache with its root at {@code url}. A user and password in the URL are sent to that server only (Basic);
     * parameters,
     * which only Nix needs, are dropped.
     *
     * @throws IllegalArgumentException if it is no URL of a web server
     */
    HttpSource(String url, StoreDir storeDir, RetryPolicy retryPolicy) {
        this.root = HttpUrls.root(url);
        String userInfo = HttpUrls.userInfo(url);
        this.authorization = userInfo == null
                ? null
                : "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
        this.storeDir = storeDir;
        this.retryPolicy = retryPolicy;
        this.connections = HttpConnections.open(HttpLimits.patient(retryPolicy.timeout()));
    }

    @Override
    public String describe() {
        String text = root.toString();
        return text.substring(0, text.length() - 1);
    }

    @Override
    public CacheInfo cacheInfo() throws IOException {
        return CacheInfo.parse(small(HttpUrls.resolve(root, CacheInfo.FILE_NAME), CacheInfo.MAX_BYTES)
                .orElseThrow(() ->
                        new SourceException(describe() + " is not a binary cache: it has no " + CacheInfo.FILE_NAME)));
    }

    @Override
    public Optional<NarInfo> narInfo(Digest digest) throws IOException {
        Optional<byte[]> text = small(HttpUrls.resolve(root, digest + ".narinfo"), NarInfo.MAX_BYTES + 1);
        return text.isEmpty() ? Optional.empty() : Optional.of(NarInfo.parse(storeDir, text.get()));
    }

    @Override
    public InputStream openFile(NarInfo narInfo) throws IOException {
        URI uri = HttpUrls.resolve(root, narInfo.url());
        return openLarge(uri).orElseThrow(() -> new SourceException("there is no file " + HttpUrls.told(uri)));
    }

    @Override
    public Optional<InputStream> openResource(String name) throws IOException {
        return openLarge(HttpUrls.resolve(root, name));
    }

    private Optional<InputStream> openLarge(URI uri) throws IOException {
        Retries retries = new Retries(uri);
        while (true) {
            HttpReply reply = getUntilFinal(uri, Map.of(), retries);
            if (reply.head().isAbsent()) {
                reply.body().discard();
                return Optional.empty();
            }
            expectOk(reply);
            return Optional.of(new ResumingInputStream(this, uri, reply, retries));
        }
    }

    private Optional<byte[]> small(URI uri, int maxBytes) throws IOException {
        Retries retries = new Retries(uri);
        while (true) {
            HttpReply reply = getUntilFinal(uri, Map.of(), retries);
            if (reply.head().isAbsent()) {
                reply.body().discard();
                return Optional.empty();
            }
            expectOk(reply);
            byte[] bytes;
            try {
                bytes = reply.body().readNBytes(maxBytes);
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                retries.failed(HttpConnections.reason(e), Duration.ZERO);
                continue;
            }
            reply.body().discard();
            return Optional.of(HttpFile.content(reply.head(), bytes, maxBytes));
        }
    }

    /** Sends a GET until the answer is neither a failure of the connection nor one that may pass. */
    HttpReply getUntilFinal(URI uri, Map<String, String> headers, Retries retries) throws IOException {
        while (true) {
            if (closed.getCount() == 0) {
                throw new SourceException("closed");
            }
            try {
                HttpReply reply = connections.get(uri, headers, HttpUrls.sameOrigin(uri, root) ? authorization : null);
                if (!reply.head().isTransient()) {
                    return reply;
                }
                reply.body().discard();
                retries.failed(
                        "HTTP status " + reply.head().status(), reply.head().retryAfter());
            } catch (SourceException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                retries.failed(HttpConnections.reason(e), Duration.ZERO);
            }
        }
    }

    private static void expectOk(HttpReply reply) throws SourceException {
        if (reply.head().status() != 200) {
            reply.body().discard();
            throw new SourceException(HttpUrls.told(reply.head().uri()) + ": HTTP status "
                    + reply.head().status());
        }
    }

    @Override
    public boolean canList() {
        return false;
    }

    @Override
    public void listPaths(Consumer<Digest> action) throws SourceException {
        throw new SourceException("a binary cache on a web server cannot be listed");
    }

    @Override
    public void close() {
        closed.countDown();
        connections.close();
    }

    /** The failures of one request so far. */
    final class Retries {

        private final URI uri;
        private int failures;

        Retries(URI uri) {
            this.uri = uri;
        }

        /** Forgets them, as something came of it. */
        void succeeded() {
            failures = 0;
        }

        /**
         * Waits before the next attempt.
         *
         * @throws SourceException if this was the last
         */
        void failed(String reason, Duration retryAfter) throws IOException {
            failures++;
            if (failures >= retryPolicy.attempts()) {
                throw new SourceException(HttpUrls.told(uri) + ": " + reason + " (tried " + failures + " times)");
            }
            Duration delay = retryPolicy.delay(failures, retryAfter, ThreadLocalRandom.current());
            try {
                if (closed.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new SourceException("closed");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }
}
