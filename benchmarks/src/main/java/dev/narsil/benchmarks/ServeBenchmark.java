package dev.narsil.benchmarks;

import dev.narsil.blockstore.StoreOptions;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * NARs fetched over loopback from the real server, which restores and hashes each; the clients share its cores. The cache of
 * decoded packs is too small for them, so packs are read from the page cache and decoded.
 */
@State(Scope.Benchmark)
public class ServeBenchmark {

    private static final String HOST = "127.0.0.1";
    private static final int MOST_CONNECTIONS = 16;
    private static final long PACK_CACHE_BYTES = 16L << 20;

    private final List<Sha256> nars = new ArrayList<>();
    private final List<NarClient> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(MOST_CONNECTIONS);
    private TemporaryStore temporary;
    private CacheServer server;

    @Setup(Level.Trial)
    public void start() throws IOException {
        StoreOptions options = StoreOptions.DEFAULT;
        temporary = new TemporaryStore(new StoreOptions(options.storeDir(), options.chunker(), PACK_CACHE_BYTES));
        for (byte[] nar : NarData.load().nars()) {
            StorePathText.insert(nar, IngestBenchmark.PATH_DISTANCE, StripperBenchmark.DIGESTS, 0);
            nars.add(temporary.ingest(Sha256.hash(nar), nar));
        }
        temporary.store().flush();
        server = CacheServer.start(temporary.store(), ServerOptions.DEFAULT.withAddress(HOST, 0));
        for (int i = 0; i < MOST_CONNECTIONS; i++) {
            clients.add(new NarClient(HOST, server.address().getPort()));
        }
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        threads.shutdown();
        for (NarClient client : clients) {
            client.close();
        }
        server.close();
        temporary.close();
    }

    @Benchmark
    @Purpose(value = "verified NARs over loopback, one connection", target = 500)
    public void serve1(Moved moved) throws InterruptedException, ExecutionException {
        moved.bytes += fetchAll(1);
    }

    @Benchmark
    @Purpose(value = "verified NARs over loopback, 16 connections", target = 700)
    public void serve16(Moved moved) throws InterruptedException, ExecutionException {
        moved.bytes += fetchAll(MOST_CONNECTIONS);
    }

    /** Fetches every NAR once over so many connections, and returns their length. */
    private long fetchAll(int connections) throws InterruptedException, ExecutionException {
        AtomicInteger next = new AtomicInteger();
        List<Future<Long>> running = new ArrayList<>();
        for (NarClient client : clients.subList(0, connections)) {
            running.add(threads.submit(() -> {
                long bytes = 0;
                for (int i = next.getAndIncrement(); i < nars.size(); i = next.getAndIncrement()) {
                    bytes += client.fetch(nars.get(i));
                }
                return bytes;
            }));
        }
        long bytes = 0;
        for (Future<Long> each : running) {
            bytes += each.get();
        }
        return bytes;
    }
}
