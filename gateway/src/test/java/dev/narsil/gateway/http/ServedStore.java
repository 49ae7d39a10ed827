package dev.narsil.gateway.http;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A real store in a directory and a server of it on a free port. */
final class ServedStore implements AutoCloseable {

    static final ServerOptions OPTIONS = ServerOptions.DEFAULT
            .withAddress("127.0.0.1", 0)
            .withTimeouts(ServerOptions.Timeouts.DEFAULT.withStop(Duration.ofSeconds(5)));

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration STANDSTILL = Duration.ofMillis(500);

    private static final long POLL_NANOS = 1_000_000;

    final NarStore store;
    final CacheServer server;

    ServedStore(Path directory) throws IOException {
        this(directory, OPTIONS, UnaryOperator.identity());
    }

    /** Serves what {@code around} makes of the store in {@code directory}. */
    ServedStore(Path directory, ServerOptions options, UnaryOperator<BlockStore> around) throws IOException {
        store = new NarStore(
                around.apply(RocksBlockStore.open(directory, StoreOptions.DEFAULT)),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        server = CacheServer.start(store, options);
    }

    /** Returns a NAR with store references in it, of some MB. */
    static byte[] nar(long seed) {
        return new RandomNar(seed, StoreDir.DEFAULT, 60, 512 << 10).bytes(RandomNar.digests(seed, 3));
    }

    /** Returns the NAR of one file of random bytes, which fill packs of their own. */
    static byte[] largeNar(long seed, int size) throws IOException {
        byte[] contents = new byte[size];
        new Random(seed).nextBytes(contents);
        ByteArrayOutputStream out = new ByteArrayOutputStream(size + 256);
        NarWriter nar = new NarWriter(out);
        nar.regular(false, contents);
        nar.finish();
        return out.toByteArray();
    }

    /** Puts a NAR into a store under a path with a digest of {@code seed}. */
    static PathInfo add(NarStore store, long seed, byte[] nar) throws IOException {
        Sha256 narHash = Sha256.hash(nar);
        try (NarIngest ingest = store.ingest(narHash, nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        Digest digest = RandomNar.digests(seed, 1).getFirst();
        PathInfo info = new PathInfo(
                new StorePath(digest, "package-" + seed),
                narHash,
                null,
                nar.length,
                List.of(),
                null,
                null,
                List.of("test-1:c2lnbmF0dXJl"),
                null,
                List.of());
        store.publish(info).join();
        return info;
    }

    PathInfo add(long seed, byte[] nar) throws IOException {
        return add(store, seed, nar);
    }

    RawClient client() throws IOException {
        return new RawClient(server.address());
    }

    RawResponse get(String path, String... headers) throws IOException {
        try (RawClient client = client()) {
            return client.exchange("GET", path, headers);
        }
    }

    RawResponse head(String path, String... headers) throws IOException {
        try (RawClient client = client()) {
            return client.exchange("HEAD", path, headers);
        }
    }

    static String narPath(PathInfo info) {
        return "/nar/" + info.narHash().toBase32() + ".nar";
    }

    static String narInfoPath(PathInfo info) {
        return "/" + info.path().digest() + ".narinfo";
    }

    /** Waits until the server's counters are as wanted. */
    ServerCounters await(Predicate<ServerCounters> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        @Nullable ServerCounters seen = null;
        while (seen == null || !wanted.test(seen)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still " + seen);
            }
            LockSupport.parkNanos(POLL_NANOS);
            seen = server.counters();
        }
        return seen;
    }

    /** Waits until a counter has stood still for a while. */
    void awaitUnchanged(ToLongFunction<ServerCounters> counter) {
        long since = System.nanoTime();
        long deadline = since + PATIENCE.toNanos();
        long seen = -1;
        while (System.nanoTime() - since < STANDSTILL.toNanos() && System.nanoTime() < deadline) {
            long now = counter.applyAsLong(server.counters());
            since = now == seen ? since : System.nanoTime();
            seen = now;
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        store.close();
    }
}
