package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class NarEndpointTest {

    private static final int SIZE = 1 << 20;

    private final AtomicBoolean defect = new AtomicBoolean();

    @TempDir
    private Path directory;

    @Test
    void get_manyWaitForAnUpstream_whatIsStoredIsServed() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        ServerOptions options = ServedStore.OPTIONS.withLimits(ServerOptions.Limits.DEFAULT.withDownloads(4));
        byte[] stored = ServedStore.largeNar(1, 100_000);
        List<RawClient> waiting = new ArrayList<>();
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(7, SIZE));
                CacheServer server =
                        CacheServer.start(Services.of(fixture.store).withDownloads(fixture.downloads), options)) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            PathInfo info = ServedStore.add(fixture.store, 1, stored);
            String remote = path(fixture.narHash);
            for (int i = 0; i < 3; i++) {
                RawClient client = new RawClient(server.address());
                waiting.add(client);
                client.request("GET", remote);
            }
            DownloadFixture.await(() -> fixture.downloads.state().readers() == 3);

            assertThat(get(server, remote).status()).isEqualTo(503);
            assertThat(get(server, path(info.narHash())).body()).isEqualTo(stored);
            hold.countDown();
            fixture.awaitIdle();
        } finally {
            for (RawClient client : waiting) {
                client.close();
            }
        }
    }

    @Test
    void get_storeThrowsWhatItShouldNot_isAnswered500() throws IOException {
        try (ServedStore served = new ServedStore(directory, ServedStore.OPTIONS, this::defective)) {
            String path = path(Sha256.hash(new byte[1]));
            defect.set(true);
            assertThat(served.get(path).status()).isEqualTo(500);

            defect.set(false);
            assertThat(served.get(path).status()).isEqualTo(404);
        }
    }

    /** A store whose look-ups throw what they should not. */
    private BlockStore defective(BlockStore store) {
        return (BlockStore) Proxy.newProxyInstance(
                BlockStore.class.getClassLoader(), new Class<?>[] {BlockStore.class}, (proxy, method, arguments) -> {
                    if (defect.get() && method.getName().startsWith("get")) {
                        throw new IllegalStateException("on purpose");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String path(Sha256 narHash) {
        return "/nar/" + narHash.toBase32() + ".nar";
    }

    private static RawResponse get(CacheServer server, String path) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            return client.exchange("GET", path);
        }
    }
}
