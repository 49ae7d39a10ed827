package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Narinfos of paths that are not stored. */
class PullThroughTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final SignedPath PATH = SignedPath.of(1, SignedPath.path(1), SignedPath.path(2));

    private final FaultyUpstream upstream;
    private NarStore store;
    private Upstreams upstreams;
    private CacheServer server;

    PullThroughTest() throws IOException {
        upstream = new FaultyUpstream();
    }

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        upstreams = Upstreams.start(
                store,
                List.of(UpstreamOptions.parse(upstream.url() + "?trusted-key=" + SignedPath.KEY.publicKey())),
                UpstreamLimits.DEFAULT.withProbe(PATIENCE, PATIENCE));
        server = CacheServer.start(Services.of(store).withUpstreams(upstreams), ServedStore.OPTIONS);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        upstreams.close();
        store.close();
        upstream.close();
    }

    private RawResponse exchange(String method) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            return client.exchange(method, PATH.target());
        }
    }

    @Test
    void narInfo_upstreamHasIt_isServedWithAUrlOfOurs() throws IOException {
        upstream.on(PATH.target(), FaultyUpstream.ok(PATH.text()));

        RawResponse response = exchange("GET");

        assertThat(response.status()).isEqualTo(200);
        assertThat(new String(response.body(), StandardCharsets.ISO_8859_1))
                .isEqualTo(NarInfo.of(PATH.narInfo().pathInfo()).print(StoreDir.DEFAULT))
                .contains("URL: nar/" + PATH.narHash().toBase32() + ".nar\nCompression: none\n");
        assertThat(response.headers()).containsKey("cache-control");
    }

    @Test
    void narInfo_upstreamTellsCids_areServedAsTheyCame() throws IOException {
        String text = PATH.text() + "X-Narsil-Cid: anything\nOther: 1\n";
        upstream.on(PATH.target(), FaultyUpstream.ok(text));

        RawResponse response = exchange("GET");

        assertThat(new String(response.body(), StandardCharsets.ISO_8859_1))
                .isEqualTo(NarInfo.of(NarInfo.parse(StoreDir.DEFAULT, text).pathInfo())
                        .print(StoreDir.DEFAULT))
                .endsWith("\nX-Narsil-Cid: anything\nOther: 1\n");
    }

    @Test
    void narInfo_head_isAsGetWithoutABody() throws IOException {
        upstream.on(PATH.target(), FaultyUpstream.ok(PATH.text()));

        RawResponse head = exchange("HEAD");
        RawResponse get = exchange("GET");

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers()).isEqualTo(get.headers());
    }

    @Test
    void narInfo_nobodyHasIt_isNotFoundForAShortWhile() throws IOException {
        RawResponse response = exchange("GET");

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.headers()).containsEntry("cache-control", "max-age=30");
    }

    @Test
    void narInfo_storedLater_isWhatIsStored() throws IOException {
        assertThat(exchange("GET").status()).isEqualTo(404);

        PathInfo stored = ServedStore.add(store, 1, ServedStore.nar(1));
        assertThat(stored.path().digest()).isEqualTo(PATH.digest());

        assertThat(exchange("GET").status()).isEqualTo(200);
        assertThat(upstream.requestsFor(PATH.target())).isOne();
    }
}
