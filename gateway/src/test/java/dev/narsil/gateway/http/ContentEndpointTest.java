package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.NarDag;
import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.car.CarReader;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.trustless.Provider;
import dev.narsil.gateway.trustless.SharedPaths;
import dev.narsil.gateway.trustless.SharedPathsIndex;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ContentEndpointTest {

    private static final String RAW = "?format=raw";
    private static final String ADDRESS = "/ip4/127.0.0.1/tcp/7745/http";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NANOS = 5_000_000;

    @TempDir
    private Path directory;

    /** A store of which the paths that the test key signed are shared. */
    private static final class Sharing implements AutoCloseable {

        final NarStore store;
        final CacheServer server;
        private final SharedPathsIndex index;

        Sharing(Path directory) throws IOException {
            store = new NarStore(
                    RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
            SharedPaths paths = new SharedPaths(store, new TrustedKeys(List.of(SignedPath.KEY.publicKey())));
            index = SharedPathsIndex.start(store, paths);
            Services services =
                    Services.of(store).withSharing(new Services.Sharing(paths, new Provider(List.of(ADDRESS))));
            server = CacheServer.start(services, ServedStore.OPTIONS);
        }

        /** Stores a path that is shared, and waits until it is. */
        PathInfo addShared(int number, byte[] nar) throws IOException {
            PathInfo info = SignedPath.signed(SignedPath.path(number), nar, List.of())
                    .narInfo()
                    .pathInfo();
            try (NarIngest ingest = store.ingest(info.narHash(), nar.length)) {
                ingest.write(nar, 0, nar.length);
                var _ = ingest.finish();
            }
            store.publish(info).join();
            await(byHash(info), 200);
            return info;
        }

        void await(String path, int status) throws IOException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (head(path).status() != status) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(path + " is never " + status);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }

        NarDag dag(PathInfo info) throws IOException {
            try (StoredNar nar = store.openStored(info.narHash()).orElseThrow()) {
                return NarDag.of(nar);
            }
        }

        Cid manifest(PathInfo info) throws IOException {
            return Manifest.cid(
                    Manifest.of(StoreDir.DEFAULT, info, dag(info).root()).encode());
        }

        /** The CIDs of all blocks of a NAR. */
        List<Cid> blocks(PathInfo info) throws IOException {
            List<Cid> cids = new ArrayList<>();
            try (StoredNar nar = store.openStored(info.narHash()).orElseThrow()) {
                NarDag.of(nar).visit(nar, new NarDag.Visitor() {
                    @Override
                    public boolean wants(Cid cid) {
                        cids.add(cid);
                        return false;
                    }

                    @Override
                    public void block(Cid cid, byte[] buffer, int off, int length) {
                        throw new AssertionError(cid + " was not wanted");
                    }
                });
            }
            return cids;
        }

        RawResponse get(String path, String... headers) throws IOException {
            try (RawClient client = new RawClient(server.address())) {
                return client.exchange("GET", path, headers);
            }
        }

        RawResponse head(String path, String... headers) throws IOException {
            try (RawClient client = new RawClient(server.address())) {
                return client.exchange("HEAD", path, headers);
            }
        }

        byte[] block(Cid cid) throws IOException {
            RawResponse response = get("/ipfs/" + cid + RAW);
            assertThat(response.status()).as(cid.toString()).isEqualTo(200);
            assertThat(cid.isOf(response.body(), 0, response.body().length)).isTrue();
            return response.body();
        }

        /** Reads a file as a node of IPFS does: what it has of a CID, else what the server says. */
        void cat(Cid cid, ByteArrayOutputStream out) throws IOException {
            if (cid.isIdentity()) {
                out.writeBytes(cid.digest());
            } else if (cid.codec() == Codec.RAW) {
                out.writeBytes(block(cid));
            } else {
                for (UnixFsFile.Child child : UnixFsFile.decode(block(cid)).children()) {
                    cat(child.cid(), out);
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            index.close();
            store.close();
        }
    }

    private static String byHash(PathInfo info) {
        return "/nar-by-hash/sha256/" + info.narHash().toHex();
    }

    private static String rasl(Sha256 hash) {
        return "/.well-known/rasl/" + Cid.of(Codec.RAW, hash);
    }

    @Test
    void narByHash_sharedPath_isTheNarWithHeadRangeAndTag() throws IOException {
        byte[] nar = ServedStore.nar(1);
        try (Sharing sharing = new Sharing(directory)) {
            PathInfo info = sharing.addShared(1, nar);
            for (String path : List.of(byHash(info), rasl(info.narHash()))) {
                RawResponse whole = sharing.get(path);
                RawResponse head = sharing.head(path);
                RawResponse part = sharing.get(path, "Range: bytes=1000-1999");
                String tag = whole.header("etag");

                assertThat(whole.status()).isEqualTo(200);
                assertThat(whole.body()).isEqualTo(nar);
                assertThat(tag).isEqualTo("\"" + info.narHash().toBase32() + "-none\"");
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.header("content-length")).isEqualTo(Integer.toString(nar.length));
                assertThat(part.status()).isEqualTo(206);
                assertThat(part.body()).isEqualTo(Arrays.copyOfRange(nar, 1000, 2000));
                assertThat(sharing.get(path, "If-None-Match: " + tag).status()).isEqualTo(304);
            }
        }
    }

    @Test
    void content_notShared_isServedByNoneOfTheRoutes() throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            PathInfo secret = ServedStore.add(sharing.store, 2, ServedStore.nar(2));
            PathInfo shared = sharing.addShared(1, ServedStore.nar(1));
            sharing.block(sharing.manifest(shared));

            List<Cid> cids = sharing.blocks(secret);
            cids.add(sharing.manifest(secret));
            cids.add(Cid.of(Codec.RAW, secret.narHash()));
            cids.removeAll(sharing.blocks(shared));
            assertThat(cids).hasSizeGreaterThan(3);
            assertThat(sharing.get(byHash(secret)).status()).isEqualTo(404);
            for (Cid cid : cids) {
                assertThat(sharing.get("/ipfs/" + cid + RAW).status()).isEqualTo(404);
                assertThat(sharing.get("/.well-known/rasl/" + cid).status()).isEqualTo(404);
                assertThat(sharing.get("/routing/v1/providers/" + cid).text()).isEqualTo("{\"Providers\":[]}\n");
            }
        }
    }

    @Test
    void content_pathLosesItsSignature_isServedNoMore() throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            PathInfo info = sharing.addShared(1, ServedStore.nar(1));
            List<Cid> cids = sharing.blocks(info);
            cids.add(sharing.manifest(info));
            cids.forEach(cid -> assertThat(get(sharing, cid).status()).isEqualTo(200));

            PathInfo unsigned = new PathInfo(
                    info.path(),
                    info.narHash(),
                    null,
                    info.narSize(),
                    List.of(),
                    null,
                    null,
                    List.of(),
                    null,
                    List.of());
            sharing.store.publish(unsigned).join();

            cids.forEach(cid -> assertThat(get(sharing, cid).status()).isEqualTo(404));
            assertThat(sharing.get(byHash(info)).status()).isEqualTo(404);
        }
    }

    private static RawResponse get(Sharing sharing, Cid cid) {
        try {
            return sharing.get("/ipfs/" + cid + RAW);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void ipfs_fromTheManifestDown_isTheNar() throws IOException {
        byte[] nar = ServedStore.nar(3);
        try (Sharing sharing = new Sharing(directory)) {
            PathInfo info = sharing.addShared(3, nar);

            Manifest manifest = Manifest.decode(sharing.block(sharing.manifest(info)));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            sharing.cat(manifest.nar(), out);

            assertThat(manifest.toPathInfo()).isEqualTo(info);
            assertThat(out.toByteArray()).isEqualTo(nar);
        }
    }

    @Test
    void ipfs_serverStartedAnew_givesLeavesThatAreAskedForFirst() throws IOException {
        Cid leaf;
        PathInfo info;
        try (Sharing sharing = new Sharing(directory)) {
            info = sharing.addShared(3, ServedStore.nar(3));
            leaf = sharing.blocks(info).getLast();
        }
        try (Sharing sharing = new Sharing(directory)) {
            sharing.await("/ipfs/" + leaf + RAW, 200);
            assertThat(sharing.get(byHash(info)).status()).isEqualTo(200);
        }
    }

    @Test
    void ipfs_block_saysWhatTheSpecificationAsks() throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            Cid root = sharing.dag(sharing.addShared(1, ServedStore.nar(1))).root();
            String path = "/ipfs/" + root;
            RawResponse block = sharing.get(path, "Accept: text/html, application/vnd.ipld.raw;q=0.5");
            RawResponse head = sharing.head(path + RAW);

            assertThat(block.status()).isEqualTo(200);
            assertThat(block.header("content-type")).isEqualTo("application/vnd.ipld.raw");
            assertThat(block.header("etag")).isEqualTo("\"" + root + ".raw\"");
            assertThat(block.header("cache-control")).contains("immutable");
            assertThat(block.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("content-length")).isEqualTo(Integer.toString(block.body().length));
            assertThat(sharing.get(path + RAW, "If-None-Match: " + block.header("etag"))
                            .status())
                    .isEqualTo(304);
            assertThat(sharing.get(path).status()).isEqualTo(406);
            assertThat(sharing.get(path + "?format=tar").status()).isEqualTo(406);
        }
    }

    @Test
    void ipfs_car_isTheDagOfTheScopeInOrderAndAnyRangeOfIt() throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            PathInfo info = sharing.addShared(3, ServedStore.nar(3));
            Cid manifest = sharing.manifest(info);
            List<Cid> nar = sharing.blocks(info);
            List<Cid> all = new ArrayList<>(List.of(manifest));
            all.addAll(nar);
            String path = "/ipfs/" + manifest + "?format=car";
            RawResponse car = sharing.get(path);
            byte[] bytes = car.body();
            int from = bytes.length / 3;

            assertThat(cids(car, manifest))
                    .containsExactlyInAnyOrderElementsOf(all)
                    .startsWith(manifest, nar.getFirst());
            assertThat(car.header("content-type")).isEqualTo("application/vnd.ipld.car; version=1; order=dfs; dups=n");
            assertThat(sharing.get(path, "Range: bytes=" + from + "-" + (bytes.length - 2))
                            .body())
                    .isEqualTo(Arrays.copyOfRange(bytes, from, bytes.length - 1));
            assertThat(sharing.head(path).header("content-length")).isEqualTo(Integer.toString(bytes.length));
            assertThat(cids(sharing.get(path + "&dag-scope=entity"), manifest)).containsExactly(manifest);
            assertThat(cids(sharing.get(path + "&dag-scope=block"), manifest)).containsExactly(manifest);
            Cid root = nar.getFirst();
            RawResponse file = sharing.get("/ipfs/" + root, "Accept: application/vnd.ipld.car;dups=y");
            assertThat(cids(file, root)).containsExactlyInAnyOrderElementsOf(nar);
            assertThat(cids(sharing.get("/ipfs/" + root + "?format=car&dag-scope=block"), root))
                    .containsExactly(root);
            Cid leaf = nar.getLast();
            assertThat(cids(sharing.get("/ipfs/" + leaf + "?format=car"), leaf)).containsExactly(leaf);
            assertThat(cids(sharing.get("/ipfs/bafkqaaa?format=car"), Cid.parse("bafkqaaa")))
                    .isEmpty();
            assertThat(sharing.get(path + "&dag-scope=some").status()).isEqualTo(406);
            assertThat(sharing.get(path + "&entity-bytes=0:10").status()).isEqualTo(406);
        }
    }

    /** The CIDs of the blocks of a CAR, each of which the reader compares with its bytes. */
    private static List<Cid> cids(RawResponse response, Cid root) throws IOException {
        assertThat(response.status()).isEqualTo(200);
        CarReader reader = new CarReader(new ByteArrayInputStream(response.body()));
        assertThat(reader.roots()).containsExactly(root);
        List<Cid> cids = new ArrayList<>();
        for (CarBlock block = reader.next(); block != null; block = reader.next()) {
            cids.add(block.cid());
        }
        assertThat(response.header("etag")).startsWith("\"" + root + ".car.");
        return cids;
    }

    @Test
    void ipfs_probeThatIsItsOwnBlock_isServed() throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            RawResponse head = sharing.head("/ipfs/bafkqaaa" + RAW);
            RawResponse empty = sharing.get("/ipfs/bafkqaaa" + RAW);
            RawResponse text = sharing.get("/ipfs/" + Cid.identity(new byte[] {'n', 'a', 'r'}, 0, 3) + RAW);

            assertThat(head.status()).isEqualTo(200);
            assertThat(empty.status()).isEqualTo(200);
            assertThat(empty.body()).isEmpty();
            assertThat(text.text()).isEqualTo("nar");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "bafkqaa1", "bafkqaaa/x", "bafkqaaa%20", "QmX", "..", "zb2rhe5P4"})
    void content_malformedName_isRefused(String name) throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            assertThat(sharing.get("/ipfs/" + name + RAW).status()).isEqualTo(400);
            assertThat(sharing.get("/.well-known/rasl/" + name).status()).isEqualTo(400);
            assertThat(sharing.get("/routing/v1/providers/" + name).status()).isEqualTo(400);
            assertThat(sharing.get("/nar-by-hash/sha256/" + name).status()).isEqualTo(404);
        }
    }

    @Test
    void providers_ofWhatIsShared_areThisServerInBothForms() throws IOException {
        try (Sharing sharing = new Sharing(directory)) {
            PathInfo info = sharing.addShared(1, ServedStore.nar(1));
            String path = "/routing/v1/providers/" + sharing.manifest(info);
            String query = "?filter-protocols=transport-bitswap,transport-ipfs-gateway-http,unknown";
            RawResponse json = sharing.get(path);
            RawResponse lines = sharing.get(path + query, "Accept: application/x-ndjson");
            String record = new Provider(List.of(ADDRESS)).toJson();

            assertThat(record)
                    .startsWith("{\"Schema\":\"peer\",\"ID\":\"12D3KooW")
                    .contains("\"Addrs\":[\"" + ADDRESS + "\"]", "\"Protocols\":[\"transport-ipfs-gateway-http\"]");
            assertThat(json.header("content-type")).isEqualTo("application/json");
            assertThat(json.text()).isEqualTo("{\"Providers\":[" + record + "]}\n");
            assertThat(json.header("vary")).isEqualToIgnoringCase("accept");
            assertThat(lines.header("content-type")).isEqualTo("application/x-ndjson");
            assertThat(lines.text()).isEqualTo(record + "\n");
            assertThat(sharing.get(path + "?filter-protocols=transport-bitswap").text())
                    .isEqualTo("{\"Providers\":[]}\n");
        }
    }

    @Test
    void content_notSwitchedOn_isNotThere() throws IOException {
        try (ServedStore served = new ServedStore(directory)) {
            PathInfo info = served.add(1, ServedStore.nar(1));
            assertThat(served.get(byHash(info)).status()).isEqualTo(404);
            assertThat(served.get("/ipfs/bafkqaaa" + RAW).status()).isEqualTo(404);
            assertThat(served.get("/routing/v1/providers/bafkqaaa").status()).isEqualTo(404);
        }
    }
}
