package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.ipfs.IpfsNames;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.trustless.Provider;
import dev.narsil.gateway.trustless.SharedPaths;
import dev.narsil.gateway.trustless.SharedPathsIndex;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** CIDs in the narinfos of stored paths. */
@Timeout(120)
class ToldCidsTest {

    private static final TrustedKeys KEYS = new TrustedKeys(List.of(SignedPath.KEY.publicKey()));
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private NarStore open() throws IOException {
        return new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    private static PathInfo add(NarStore store, int number) throws IOException {
        byte[] nar = ServedStore.nar(number);
        PathInfo info = SignedPath.signed(SignedPath.path(number), nar, List.of())
                .narInfo()
                .pathInfo();
        try (NarIngest ingest = store.ingest(info.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        store.publish(info).join();
        return info;
    }

    private static NarCids cids(NarStore store, PathInfo info) throws IOException {
        IpfsNames names = IpfsNames.of(store, info);
        return new NarCids(Objects.requireNonNull(names.manifest()), Objects.requireNonNull(names.nar()));
    }

    private static NarInfo get(CacheServer server, PathInfo info) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            return NarInfo.parse(
                    StoreDir.DEFAULT,
                    client.exchange("GET", ServedStore.narInfoPath(info)).body());
        }
    }

    @Test
    void narInfo_pathIsPublishedAndTakenBack_tellsItsCidsMeanwhile() throws IOException {
        try (NarStore store = open();
                CacheServer server = CacheServer.start(store, ServedStore.OPTIONS);
                FakeKubo fake = new FakeKubo();
                KuboClient kubo = fake.client()) {
            PathInfo info = add(store, 1);
            assertThat(get(server, info)).isEqualTo(NarInfo.of(info));

            IpfsPublisher publisher = new IpfsPublisher(store, kubo, OtherPins.NONE, KEYS, _ -> {});
            var _ = publisher.publish(info);

            NarInfo told = get(server, info);
            assertThat(told.cids()).contains(cids(store, info));
            assertThat(told).isEqualTo(NarInfo.of(info).withCids(cids(store, info)));
            assertThat(KEYS.verify(told.pathInfo(), StoreDir.DEFAULT).trusted()).isTrue();

            publisher.unpublish(info.path().digest());
            assertThat(get(server, info)).isEqualTo(NarInfo.of(info));
        }
    }

    @Test
    void narInfo_pathGetsAnotherSignatureAfterItWasPublished_tellsNoCids() throws IOException {
        try (NarStore store = open();
                CacheServer server = CacheServer.start(store, ServedStore.OPTIONS);
                FakeKubo fake = new FakeKubo();
                KuboClient kubo = fake.client()) {
            PathInfo info = add(store, 1);
            var _ = new IpfsPublisher(store, kubo, OtherPins.NONE, KEYS, _ -> {}).publish(info);
            PathInfo resigned = new PathInfo(
                    info.path(),
                    info.narHash(),
                    null,
                    info.narSize(),
                    List.of(),
                    null,
                    null,
                    List.of(info.signatures().getFirst(), "other:c2ln"),
                    null,
                    List.of());
            store.publish(resigned).join();

            assertThat(get(server, resigned)).isEqualTo(NarInfo.of(resigned));
        }
    }

    @Test
    void narInfo_pathIsShared_tellsItsCids() throws IOException {
        try (NarStore store = open()) {
            SharedPaths paths = new SharedPaths(store, KEYS);
            Services services = Services.of(store).withSharing(new Services.Sharing(paths, new Provider(List.of())));
            try (SharedPathsIndex _ = SharedPathsIndex.start(store, paths);
                    CacheServer server = CacheServer.start(services, ServedStore.OPTIONS)) {
                PathInfo info = add(store, 1);
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                Optional<NarCids> told = get(server, info).cids();
                while (told.isEmpty() && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(1_000_000);
                    told = get(server, info).cids();
                }
                assertThat(told).contains(cids(store, info));

                PathInfo other = ServedStore.add(store, 2, ServedStore.nar(2));
                assertThat(get(server, other).cids()).isEmpty();
            }
        }
    }
}
