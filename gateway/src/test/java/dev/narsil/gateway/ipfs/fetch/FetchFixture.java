package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Downloads of one NAR into a real store, from web servers and a daemon that has it. */
final class FetchFixture implements AutoCloseable {

    /** Times that let tests of what hangs end soon; none of them decides whether a test passes. */
    static final FetchLimits LIMITS = new FetchLimits(
            Duration.ofMillis(500),
            Duration.ofMillis(150),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5));

    final FakeKubo fake = new FakeKubo();
    final KuboClient kubo = fake.client();
    final DownloadFixture download;
    final Published published;
    final Map<Sha256, List<Cid>> roots = new ConcurrentHashMap<>();
    private final Map<Sha256, PathInfo> paths = new ConcurrentHashMap<>();
    private @Nullable IpfsFetch fetch;

    FetchFixture(Path directory, byte[] nar) throws IOException {
        this(directory, nar, LIMITS);
    }

    FetchFixture(Path directory, byte[] nar, FetchLimits limits) throws IOException {
        published = Published.of(nar, directory.resolve("origin"));
        fake.blocks().putAll(published.blocks());
        download = new DownloadFixture(directory.resolve("store"), nar, (store, holders) -> {
            fetch = IpfsFetch.start(
                    store,
                    kubo,
                    hash -> roots.getOrDefault(hash, List.of()),
                    hash -> Optional.ofNullable(paths.get(hash)),
                    limits);
            return fetch.beside(holders);
        });
        roots.put(download.narHash, List.of(published.root()));
        paths.put(download.narHash, download.path);
    }

    IpfsFetch fetch() {
        return Objects.requireNonNull(fetch);
    }

    long blockGets(boolean offline) {
        return fake.calls().stream()
                .filter(call -> call.command().equals("block/get")
                        && Boolean.toString(offline).equals(call.option("offline")))
                .count();
    }

    @Override
    public void close() throws IOException {
        download.downloads.close();
        fetch().close();
        download.close();
        kubo.close();
        fake.close();
    }
}
