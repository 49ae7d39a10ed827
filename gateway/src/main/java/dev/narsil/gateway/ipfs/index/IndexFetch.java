package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.source.HttpConnections;
import dev.narsil.gateway.source.HttpFile;
import dev.narsil.gateway.source.HttpLimits;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Gets the blocks of indexes, from web servers and from IPFS. Blocks; safe for use by many threads. */
final class IndexFetch implements AutoCloseable {

    /** Time for what an IPNS name stands for. */
    static final Duration RESOLVE_TIME = Duration.ofSeconds(60);

    /** Time for a block from either. */
    static final Duration BLOCK_TIME = Duration.ofSeconds(60);

    private static final Duration CONNECT_TIME = Duration.ofSeconds(15);
    private static final int CONNECTIONS = 4;
    private static final int MAX_REDIRECTIONS = 5;
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final String IPFS_PATH = "/ipfs/";

    private final @Nullable KuboClient kubo;
    private final HttpConnections connections;

    /**
     * Nothing is connected yet.
     *
     * @param kubo a daemon, or null, so that what is in IPFS cannot be had; it is not closed with this
     */
    IndexFetch(@Nullable KuboClient kubo) {
        this.kubo = kubo;
        this.connections = HttpConnections.open(
                new HttpLimits(CONNECT_TIME, BLOCK_TIME, BLOCK_TIME, CONNECTIONS, MAX_REDIRECTIONS));
    }

    /** Returns the block of the root; empty if it is still {@code known}. */
    Optional<byte[]> root(IndexSource source, @Nullable Cid known) throws IOException {
        return switch (source) {
            case IndexSource.Http http -> {
                String tag = known == null ? "" : "\"" + known + "\"";
                Map<String, String> headers = known == null ? Map.of() : Map.of("If-None-Match", tag);
                HttpFile file = get(http.file(IndexSource.ROOT), headers, IndexRoot.MAX_BYTES);
                yield known != null && file.head().status() == NOT_MODIFIED
                        ? Optional.empty()
                        : Optional.of(content(file, IndexRoot.MAX_BYTES));
            }
            case IndexSource.Ipns ipns -> {
                Cid cid = resolved(daemon().network().resolveName(ipns.toString(), RESOLVE_TIME));
                yield known != null && known.equals(cid)
                        ? Optional.empty()
                        : Optional.of(ofDaemon(cid, IndexRoot.MAX_BYTES));
            }
        };
    }

    /** Returns a block, which is that of its CID. */
    byte[] block(IndexSource source, Cid cid, int maxBytes) throws IOException {
        return switch (source) {
            case IndexSource.Http http -> {
                byte[] block = content(get(http.file(cid.toString()), Map.of(), maxBytes), maxBytes);
                if (!cid.isOf(block, 0, block.length)) {
                    throw new IOException(http + " sent " + block.length + " bytes that are not " + cid);
                }
                yield block;
            }
            case IndexSource.Ipns _ -> ofDaemon(cid, maxBytes);
        };
    }

    private static Cid resolved(String path) throws IOException {
        if (!path.startsWith(IPFS_PATH)) {
            throw new IOException("the name stands for '" + path + "', not for " + IPFS_PATH + "<CID>");
        }
        try {
            return Cid.parse(path.substring(IPFS_PATH.length()));
        } catch (FormatException e) {
            throw new IOException("the name stands for '" + path + "': " + e.getMessage(), e);
        }
    }

    private byte[] ofDaemon(Cid cid, int maxBytes) throws IOException {
        byte[] block = daemon().block(cid, false, BLOCK_TIME);
        if (block.length > maxBytes) {
            throw new IOException(cid + " has " + block.length + " bytes, more than " + maxBytes);
        }
        return block;
    }

    private KuboClient daemon() throws IOException {
        if (kubo == null) {
            throw new IOException("no IPFS daemon is configured");
        }
        return kubo;
    }

    private HttpFile get(URI uri, Map<String, String> headers, int maxBytes) throws IOException {
        CompletableFuture<HttpFile> answer = connections.getSmall(uri, headers, null, maxBytes);
        try {
            return answer.get(BLOCK_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException(uri + ": no answer for " + BLOCK_TIME.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw new IOException(uri + ": " + HttpConnections.reason(e.getCause() == null ? e : e.getCause()), e);
        }
    }

    private static byte[] content(HttpFile file, int maxBytes) throws IOException {
        if (file.head().status() != OK) {
            throw new IOException(
                    file.head().uri() + ": HTTP status " + file.head().status());
        }
        byte[] content = file.content(maxBytes + 1);
        if (content.length > maxBytes) {
            throw new IOException(file.head().uri() + ": more than " + maxBytes + " bytes");
        }
        return content;
    }

    @Override
    public void close() {
        connections.close();
    }
}
