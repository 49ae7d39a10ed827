package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PathsInIpfsTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final UpstreamLimits LIMITS = UpstreamLimits.DEFAULT.withProbe(LONG, LONG);
    private static final SignedPath PATH = SignedPath.of(1);
    private static final NarCids CIDS =
            new NarCids(Cid.hash(Codec.DAG_CBOR, new byte[] {1}), Cid.hash(Codec.DAG_PB, new byte[] {2}));
    private static final NarInfo IN_IPFS = NarInfo.inIpfs(PATH.narInfo().pathInfo(), CIDS);

    /** Some paths, of which none counts any more once it is told so. */
    private static final class Known implements PathsInIpfs {
        private final Map<Digest, NarInfo> paths = new ConcurrentHashMap<>();
        private final AtomicInteger asked = new AtomicInteger();
        private volatile boolean failing;
        private volatile @Nullable String distrust;

        @Override
        public CompletableFuture<Optional<NarInfo>> find(Digest digest) {
            asked.incrementAndGet();
            return failing
                    ? CompletableFuture.failedFuture(new IOException("no block"))
                    : CompletableFuture.completedFuture(Optional.ofNullable(paths.get(digest)));
        }

        @Override
        public @Nullable String distrust(NarInfo narInfo) {
            return distrust;
        }
    }

    @TempDir
    private Path directory;

    private final FaultyUpstream upstream = open();
    private final Known ipfs = new Known();
    private NarStore store;
    private Upstreams upstreams;

    private static FaultyUpstream open() {
        try {
            return new FaultyUpstream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void start() throws IOException {
        start(LIMITS, ipfs);
    }

    private void start(UpstreamLimits limits, @Nullable PathsInIpfs known) throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        String key = "?trusted-key=" + SignedPath.KEY.publicKey();
        upstreams = Upstreams.start(store, List.of(UpstreamOptions.parse(upstream.url() + key)), limits, known);
    }

    private void restart(UpstreamLimits limits, @Nullable PathsInIpfs known) throws IOException {
        upstreams.close();
        store.close();
        start(limits, known);
    }

    @AfterEach
    void stop() throws IOException {
        upstream.close();
        upstreams.close();
        store.close();
    }

    private Optional<NarInfo> ask() {
        return upstreams
                .narInfo(PATH.digest())
                .orTimeout(LONG.toSeconds() * 2, TimeUnit.SECONDS)
                .join();
    }

    private void openBreaker() {
        upstream.otherwise(status(500, "broken"));
        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            var _ = upstreams.narInfo(SignedPath.of(100 + i).digest()).join();
        }
        assertThat(upstreams.states().getFirst().breaker()).isEqualTo("open");
    }

    @Test
    void narInfo_noUpstreamHasItButIpfs_isThat() throws InterruptedException {
        ipfs.paths.put(PATH.digest(), IN_IPFS);

        assertThat(ask()).contains(IN_IPFS);
        assertThat(ask()).contains(IN_IPFS);
        assertThat(ipfs.asked).hasValue(1);
        assertThat(upstreams.known(PATH.narHash())).contains(IN_IPFS);
    }

    @Test
    void narInfo_upstreamIsDead_isFromIpfs() throws IOException {
        ipfs.paths.put(PATH.digest(), IN_IPFS);
        upstream.close();

        assertThat(ask()).contains(IN_IPFS);
    }

    @Test
    void narInfo_upstreamHangs_isFromIpfsAfterTheHedge() throws IOException {
        restart(LIMITS.withProbe(LONG, Duration.ofMillis(50)), ipfs);
        ipfs.paths.put(PATH.digest(), IN_IPFS);
        upstream.otherwise(upstream.hang());

        assertThat(ask()).contains(IN_IPFS);
    }

    @Test
    void narInfo_upstreamHasIt_ipfsIsNotAsked() {
        upstream.on(PATH.target(), ok(PATH.text()));

        assertThat(ask()).contains(PATH.narInfo());
        assertThat(ipfs.asked).hasValue(0);
    }

    @Test
    void narInfo_ipfsCannotBeHad_isNoAbsence() {
        ipfs.failing = true;
        assertThat(ask()).isEmpty();
        ipfs.failing = false;
        ipfs.paths.put(PATH.digest(), IN_IPFS);

        assertThat(ask()).contains(IN_IPFS);
    }

    @Test
    void narInfo_nobodyHasIt_isAbsentForAWhile() {
        assertThat(ask()).isEmpty();
        ipfs.paths.put(PATH.digest(), IN_IPFS);

        assertThat(ask()).isEmpty();
        assertThat(ipfs.asked).hasValue(1);

        upstreams.forgetAbsent();
        assertThat(ask()).contains(IN_IPFS);
    }

    @Test
    void narInfo_foundInIpfsBefore_isKnownAfterARestartWhileItCounts() throws IOException {
        ipfs.paths.put(PATH.digest(), IN_IPFS);
        assertThat(ask()).isPresent();
        ipfs.paths.clear();

        restart(LIMITS, ipfs);
        assertThat(ask()).contains(IN_IPFS);

        ipfs.distrust = "nobody is followed any more";
        restart(LIMITS, ipfs);
        assertThat(ask()).isEmpty();

        ipfs.distrust = null;
        restart(LIMITS, null);
        assertThat(ask()).isEmpty();
    }

    @Test
    void narInfo_upstreamToldACidAndDoesNotAnswerNow_isStillHandedOut() throws IOException {
        NarInfo told = PATH.narInfo().withCids(CIDS);
        upstream.on(PATH.target(), ok(told.print(StoreDir.DEFAULT)));
        assertThat(ask()).contains(told);
        openBreaker();

        assertThat(ask()).contains(told);
        assertThat(told.cids()).contains(CIDS);

        restart(LIMITS, null);
        openBreaker();
        upstream.clear();
        assertThat(ask()).as("without IPFS").isEmpty();
    }

    @Test
    void narInfo_urlOfIpfs_countsWhereNarsAreFetchedFromThere() throws IOException, InterruptedException {
        upstream.on(PATH.target(), ok(IN_IPFS.print(StoreDir.DEFAULT)));

        assertThat(ask()).contains(IN_IPFS);
        assertThat(upstreams.knownHolders(PATH.narHash())).isEmpty();
        assertThat(upstreams.holders(PATH.narHash()).now()).isEmpty();
        assertThat(upstreams.known(PATH.narHash()).orElseThrow().ipfsUrl()).isEqualTo(CIDS.nar());
    }

    @Test
    void narInfo_urlOfIpfsWithoutADaemon_isOfNoUse() throws IOException {
        restart(LIMITS, null);
        upstream.on(PATH.target(), ok(IN_IPFS.print(StoreDir.DEFAULT)));

        assertThat(ask()).isEmpty();
        assertThat(upstreams.states().getFirst().lastError()).contains("no IPFS daemon is configured");
    }
}
