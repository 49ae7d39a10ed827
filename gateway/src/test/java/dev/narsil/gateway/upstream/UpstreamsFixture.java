package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.NarInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A real store, and two upstreams that are asked for what it does not have. */
final class UpstreamsFixture implements AutoCloseable {

    /** A test that waits longer hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** With these nobody is asked because another one is slow. */
    static final UpstreamLimits LIMITS =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofSeconds(20), Duration.ofSeconds(20));

    static final UpstreamLimits HEDGED =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofSeconds(20), Duration.ofMillis(50));
    static final UpstreamLimits IMPATIENT =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofMillis(250), Duration.ofMillis(30));
    static final SignedPath PATH = SignedPath.of(1);

    /** The one that is asked first, and the other. */
    final FaultyUpstream first = new FaultyUpstream();

    final FaultyUpstream second = new FaultyUpstream();
    private final Path directory;
    private NarStore store;
    private Upstreams upstreams;

    UpstreamsFixture(Path directory) throws IOException {
        this.directory = directory;
        store = openStore(directory);
        upstreams = Upstreams.start(store, List.of(options(first, 1), options(second, 2)), LIMITS);
    }

    private static NarStore openStore(Path directory) throws IOException {
        return new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    static UpstreamOptions options(FaultyUpstream upstream, int priority) {
        return UpstreamOptions.parse(
                upstream.url() + "?priority=" + priority + "&trusted-key=" + SignedPath.KEY.publicKey());
    }

    /** Has other upstreams asked, by other limits, after the store was closed and opened again. */
    void restart(UpstreamLimits limits, UpstreamOptions... options) throws IOException {
        upstreams.close();
        store.close();
        store = openStore(directory);
        upstreams = Upstreams.start(store, List.of(options), limits);
    }

    NarStore store() {
        return store;
    }

    Upstreams upstreams() {
        return upstreams;
    }

    Optional<NarInfo> ask(SignedPath path) {
        return await(upstreams.narInfo(path.digest()));
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    UpstreamState state(FaultyUpstream upstream) {
        return upstreams.states().stream()
                .filter(state -> state.url().equals(upstream.url()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        first.close();
        second.close();
        upstreams.close();
        store.close();
    }
}
