package dev.narsil.gateway.ipfs.index;

import static dev.narsil.gateway.ipfs.index.IndexFixture.KEYS;
import static dev.narsil.gateway.ipfs.index.IndexFixture.LONG;
import static dev.narsil.gateway.ipfs.index.IndexFixture.PATIENCE;
import static dev.narsil.gateway.ipfs.index.IndexFixture.root;
import static dev.narsil.gateway.ipfs.index.IndexFixture.serving;
import static dev.narsil.gateway.ipfs.index.IndexFixture.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Narinfos that are made of what followed indexes say. */
@Timeout(180)
class IndexedPathsTest {

    @TempDir
    private Path directory;

    private IndexFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = new IndexFixture(directory);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    private Upstreams upstreams(FaultyUpstream dead, IndexedPaths ipfs) {
        return Upstreams.start(
                fixture.follower,
                List.of(UpstreamOptions.parse(dead.url() + "?trusted-key=" + PublicKey.CACHE_NIXOS_ORG)),
                UpstreamLimits.DEFAULT.withProbe(LONG, Duration.ofMillis(100)),
                ipfs);
    }

    private static Optional<NarInfo> ask(Upstreams upstreams, PathInfo info)
            throws InterruptedException, ExecutionException, TimeoutException {
        return upstreams.narInfo(info.path().digest()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void narInfo_upstreamIsDeadAndAnIndexHasThePath_isMadeOfItsManifest() throws Exception {
        PathInfo info = fixture.add(1);
        NarCids cids = fixture.publish(info);
        fixture.publishIndex();
        fixture.subscriptions().subscribe(fixture.source(), KEYS, null);
        FaultyUpstream dead = new FaultyUpstream();
        dead.close();

        try (IndexLookups lookups = new IndexLookups(fixture.follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, fixture.kubo, List.of(), LONG);
                Upstreams upstreams = upstreams(dead, ipfs)) {
            NarInfo found = ask(upstreams, info).orElseThrow();

            assertThat(found.pathInfo().signatures()).isEqualTo(info.signatures());
            assertThat(found.cids()).contains(cids);
            assertThat(found).isEqualTo(NarInfo.inIpfs(info, cids));
            assertThat(new IndexedRoots(upstreams, lookups).roots(info.narHash()))
                    .contains(cids.nar());
            assertThat(ask(upstreams, info)).contains(found);
            assertThat(fixture.fake.calls().stream()
                            .filter(call -> call.command().equals("block/get")))
                    .hasSize(1);
            assertThat(ipfs.distrust(found)).isNull();

            fixture.subscriptions().unsubscribe(fixture.source());
            assertThat(ipfs.distrust(found)).contains("keys that are not trusted");
        }
    }

    @Test
    void roots_indexesSayDifferentThings_areAllGivenInTheOrderOfTheIndexes() throws Exception {
        SignedPath path = SignedPath.of(1);
        NarCids wrong = new NarCids(Cid.hash(Codec.DAG_CBOR, new byte[] {8}), Cid.hash(Codec.DAG_PB, new byte[] {8}));
        IndexShard liar = new IndexShard(
                IndexShard.prefix(path.digest()), List.of(new IndexEntry(path.digest(), path.narHash(), wrong)));
        Cid right = shard(1).entries().getFirst().cids().nar();
        try (FaultyUpstream first = new FaultyUpstream();
                FaultyUpstream second = new FaultyUpstream();
                FaultyUpstream third = new FaultyUpstream();
                IndexLookups lookups = new IndexLookups(fixture.follower)) {
            serving(first, root(1, fixture.now, liar), liar);
            serving(second, root(1, fixture.now, shard(2)), shard(2));
            serving(third, root(1, fixture.now, shard(1)), shard(1));
            for (FaultyUpstream web : List.of(first, second, third)) {
                fixture.subscriptions().subscribe(IndexSource.parse(web.url()), KEYS, null);
            }
            assertThat(lookups.roots(path.narHash()).get()).containsExactly(wrong.nar(), right);
            assertThat(lookups.roots(SignedPath.of(2).narHash()).get()).hasSize(1);
            assertThat(lookups.roots(SignedPath.of(3).narHash()).get()).isEmpty();
        }
    }

    @Test
    void find_manifestCannotBeHad_isAskedForOnceAMinute() throws Exception {
        PathInfo info = fixture.add(1);
        NarCids cids = fixture.publish(info);
        fixture.publishIndex();
        fixture.subscriptions().subscribe(fixture.source(), KEYS, null);
        byte[] block = fixture.fake.block(cids.manifest());
        fixture.fake.blocks().remove(cids.manifest());

        try (IndexLookups lookups = new IndexLookups(fixture.follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, fixture.kubo, List.of(), LONG)) {
            assertThatThrownBy(() -> ipfs.find(info.path().digest()).get()).hasMessageContaining("block/get");
            fixture.fake.blocks().put(cids.manifest(), block);
            assertThatThrownBy(() -> ipfs.find(info.path().digest()).get())
                    .hasMessageContaining("could not be had lately");
            assertThat(ipfs.find(SignedPath.path(99).digest()).get()).isEmpty();
        }
    }

    @Test
    void find_daemonHangs_failsWithinTheBudget() throws Exception {
        PathInfo info = fixture.add(1);
        fixture.publish(info);
        fixture.publishIndex();
        fixture.subscriptions().subscribe(fixture.source(), KEYS, null);
        fixture.fake.on(
                "block/get",
                (call, wire) -> wire.begin("application/vnd.ipld.raw").hang());

        try (IndexLookups lookups = new IndexLookups(fixture.follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, fixture.kubo, List.of(), Duration.ofMillis(300))) {
            assertThatThrownBy(() -> ipfs.find(info.path().digest()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void find_manyAtOnce_areAllFound() throws Exception {
        TreeMap<String, TreeMap<Digest, IndexEntry>> entries = new TreeMap<>();
        int count = 3 * IndexedPaths.MAX_AT_A_TIME;
        for (int i = 0; i < count; i++) {
            PathInfo info = SignedPath.of(i).narInfo().pathInfo();
            Cid nar = Cid.hash(Codec.DAG_PB, new byte[] {(byte) i});
            byte[] manifest = Manifest.of(StoreDir.DEFAULT, info, nar).encode();
            NarCids cids = new NarCids(Manifest.cid(manifest), nar);
            fixture.fake.blocks().put(cids.manifest(), manifest);
            Digest digest = info.path().digest();
            entries.computeIfAbsent(IndexShard.prefix(digest), prefix -> new TreeMap<>())
                    .put(digest, new IndexEntry(digest, info.narHash(), cids));
        }
        IndexShard[] shards = entries.entrySet().stream()
                .map(each -> new IndexShard(
                        each.getKey(), List.copyOf(each.getValue().values())))
                .toArray(IndexShard[]::new);
        try (FaultyUpstream web = new FaultyUpstream();
                IndexLookups lookups = new IndexLookups(fixture.follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, fixture.kubo, List.of(), LONG)) {
            serving(web, root(1, fixture.now, shards), shards);
            fixture.subscriptions().subscribe(IndexSource.parse(web.url()), KEYS, null);

            List<CompletableFuture<Optional<NarInfo>>> asked = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                asked.add(ipfs.find(SignedPath.path(i).digest()));
            }
            for (CompletableFuture<Optional<NarInfo>> each : asked) {
                assertThat(each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isPresent();
            }
        }
    }

    @Test
    void find_manifestIsOfSomethingElseOrNotSigned_doesNotCount() throws Exception {
        SignedPath path = SignedPath.of(5);
        PathInfo info = path.narInfo().pathInfo();
        Cid nar = Cid.hash(Codec.DAG_PB, new byte[] {5});
        byte[] right = Manifest.of(StoreDir.DEFAULT, info, nar).encode();
        byte[] other = Manifest.of(StoreDir.DEFAULT, SignedPath.of(6).narInfo().pathInfo(), nar)
                .encode();
        byte[] unsigned =
                Manifest.of(StoreDir.DEFAULT, with(info, null, List.of()), nar).encode();
        byte[] injected = Manifest.of(StoreDir.DEFAULT, with(info, "x.drv\nURL: nar/evil", info.signatures()), nar)
                .encode();

        assertThat(found(path, nar, right)).isEqualTo(NarInfo.inIpfs(info, new NarCids(Manifest.cid(right), nar)));
        assertThatThrownBy(() -> found(path, nar, other)).hasMessageContaining("not of what the index says");
        assertThatThrownBy(() -> found(path, nar, unsigned)).hasMessageContaining("has no signature");
        assertThatThrownBy(() -> found(path, nar, injected)).hasMessageContaining("narinfo");
    }

    private static PathInfo with(PathInfo info, @Nullable String deriver, List<String> signatures) {
        return new PathInfo(
                info.path(),
                info.narHash(),
                null,
                info.narSize(),
                List.of(),
                deriver,
                null,
                signatures,
                null,
                List.of());
    }

    /** Follows an index that says that this is the manifest of a path, and asks for the path. */
    private NarInfo found(SignedPath path, Cid nar, byte[] manifest) throws Exception {
        NarCids cids = new NarCids(Manifest.cid(manifest), nar);
        fixture.fake.blocks().put(cids.manifest(), manifest);
        IndexShard shard = new IndexShard(
                IndexShard.prefix(path.digest()), List.of(new IndexEntry(path.digest(), path.narHash(), cids)));
        try (FaultyUpstream web = new FaultyUpstream();
                IndexLookups lookups = new IndexLookups(fixture.follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, fixture.kubo, List.of(), LONG)) {
            serving(web, root(1, fixture.now, shard), shard);
            IndexSource source = IndexSource.parse(web.url());
            fixture.subscriptions().subscribe(source, KEYS, null);
            try {
                return ipfs.find(path.digest()).get().orElseThrow();
            } finally {
                fixture.subscriptions().unsubscribe(source);
            }
        }
    }
}
