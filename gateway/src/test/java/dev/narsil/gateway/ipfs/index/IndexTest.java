package dev.narsil.gateway.ipfs.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.kubo.FakeCall;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that publishes an index, and one that follows it. */
@Timeout(180)
class IndexTest {

    private static final SecretKey KEY = SignedPath.KEY;
    private static final List<PublicKey> KEYS = List.of(KEY.publicKey());
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private NarStore publisher;
    private NarStore follower;
    private CacheServer server;
    private FakeKubo fake;
    private KuboClient kubo;
    private Instant now = Instant.parse("2026-11-21T20:00:00Z");

    @BeforeEach
    void start() throws IOException {
        publisher = open("publisher");
        follower = open("follower");
        server = CacheServer.start(publisher, ServerOptions.DEFAULT.withAddress("127.0.0.1", 0));
        fake = new FakeKubo();
        kubo = fake.client();
    }

    private NarStore open(String name) throws IOException {
        return new NarStore(
                RocksBlockStore.open(directory.resolve(name), StoreOptions.DEFAULT),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
        server.close();
        follower.close();
        publisher.close();
    }

    private IndexSource source() {
        return IndexSource.parse("http://127.0.0.1:" + server.address().getPort());
    }

    private PathInfo add(int number) throws IOException {
        byte[] nar = new RandomNar(number, StoreDir.DEFAULT, 2, 2000).bytes(RandomNar.digests(number, 2));
        PathInfo info = SignedPath.signed(SignedPath.path(number), nar, List.of())
                .narInfo()
                .pathInfo();
        try (NarIngest ingest = publisher.ingest(info.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        publisher.publish(info).join();
        return info;
    }

    private NarCids publish(PathInfo info) throws IOException {
        PublishedPath path = new IpfsPublisher(publisher, kubo, new TrustedKeys(KEYS), _ -> {})
                .publish(info)
                .path();
        return new NarCids(path.manifest(), path.nar());
    }

    private IndexPublisher.Published publishIndex() throws IOException {
        now = now.plusSeconds(1);
        Instant time = now;
        return new IndexPublisher(publisher, () -> time).publish(KEY, kubo);
    }

    private FollowedIndexes subscriptions() {
        return new FollowedIndexes(follower, () -> now);
    }

    private long records() throws IOException {
        List<byte[]> keys = new ArrayList<>();
        follower.forEachRecord(Table.INDEX, (key, value) -> keys.add(key));
        return keys.size();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Test
    void publish_paths_isPinnedAloneAndServed() throws IOException {
        PathInfo info = add(1);
        publish(info);
        add(2);

        IndexPublisher.Published published = publishIndex();

        assertThat(published.index().count()).isEqualTo(1);
        assertThat(published.changed()).isTrue();
        assertThat(fake.pins()).contains(published.cid().toString());
        assertThat(fake.blocks()).containsKey(published.cid());

        IndexPublisher.Published again = publishIndex();
        assertThat(again.changed()).isFalse();
        assertThat(again.cid()).isEqualTo(published.cid());

        publish(Objects.requireNonNull(
                publisher.path(SignedPath.path(2).digest()).orElse(null)));
        IndexPublisher.Published next = publishIndex();
        assertThat(next.index().count()).isEqualTo(2);
        assertThat(next.index().sequence()).isGreaterThan(published.index().sequence());
        assertThat(fake.pins())
                .contains(next.cid().toString())
                .doesNotContain(published.cid().toString());
    }

    @Test
    void publish_pathThatWasSignedAnewSince_isLeftOutAndCounted() throws IOException {
        PathInfo info = add(1);
        publish(info);
        publisher
                .publish(new PathInfo(
                        info.path(),
                        info.narHash(),
                        null,
                        info.narSize(),
                        List.of(),
                        null,
                        null,
                        List.of("other:c2ln"),
                        null,
                        List.of()))
                .join();

        IndexPublisher.Published published = publishIndex();

        assertThat(published.skipped()).isEqualTo(1);
        assertThat(published.index().count()).isZero();
    }

    @Test
    void subscribe_byHttp_knowsEveryPathAndLaterFetchesOnlyWhatChanged() throws Exception {
        long seed = new Random().nextInt(1000);
        List<PathInfo> infos = new ArrayList<>();
        List<NarCids> cids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            infos.add(add((int) seed * 100 + i));
            cids.add(publish(infos.getLast()));
        }
        int shards = publishIndex().index().shards().size();

        FollowedIndexes.Refreshed first = subscriptions().subscribe(source(), KEYS, null);

        assertThat(first.shards()).as("seed %d", seed).isEqualTo(shards);
        assertThat(subscriptions().paths(first.subscription())).isEqualTo(12);
        IndexTable table = new IndexTable(follower);
        for (int i = 0; i < 12; i++) {
            PathInfo info = infos.get(i);
            assertThat(table.root(info.narHash())).contains(cids.get(i).nar());
            assertThat(table.find(info.path().digest()).values())
                    .containsExactly(new IndexEntry(info.path().digest(), info.narHash(), cids.get(i)));
        }

        FollowedIndexes.Refreshed same = subscriptions().subscribe(source(), KEYS, null);
        assertThat(same.shards()).isZero();

        PathInfo gone = infos.getFirst();
        new IpfsPublisher(publisher, kubo, new TrustedKeys(KEYS), _ -> {})
                .unpublish(gone.path().digest());
        publishIndex();
        FollowedIndexes.Refreshed later = subscriptions().subscribe(source(), KEYS, null);
        assertThat(later.shards()).as("seed %d", seed).isLessThanOrEqualTo(1);
        assertThat(subscriptions().paths(later.subscription())).isEqualTo(11);
        assertThat(table.find(gone.path().digest())).isEmpty();
        assertThat(table.root(gone.narHash())).isEmpty();
        assertThat(table.root(infos.getLast().narHash())).isPresent();

        assertThat(subscriptions().unsubscribe(source())).isTrue();
        assertThat(subscriptions().unsubscribe(source())).isFalse();
        assertThat(records()).isZero();
    }

    @Test
    void subscribe_byIpns_isFetchedBlockByBlockFromTheDaemon() throws IOException {
        PathInfo info = add(1);
        NarCids cids = publish(info);
        Cid root = publishIndex().cid();
        fake.on("name/resolve", (call, wire) -> wire.json("{\"Path\":\"/ipfs/" + root + "\"}"));
        IndexSource name = IndexSource.parse("cache.example");

        assertThat(subscriptions().subscribe(name, KEYS, kubo).shards()).isEqualTo(1);
        assertThat(new IndexTable(follower).root(info.narHash())).contains(cids.nar());
        List<FakeCall> resolved = fake.calls().stream()
                .filter(call -> call.command().equals("name/resolve"))
                .toList();
        assertThat(resolved).hasSize(1);
        assertThat(resolved.getFirst().arg()).isEqualTo("/ipns/cache.example");
        assertThat(resolved.getFirst().option("timeout")).isEqualTo("60000ms");

        assertThatThrownBy(() -> subscriptions().subscribe(name, KEYS, null)).hasMessageContaining("no IPFS daemon");
        fake.on("name/resolve", (call, wire) -> wire.json("{\"Path\":\"/ipns/other\"}"));
        assertThatThrownBy(() -> subscriptions().subscribe(name, KEYS, kubo))
                .hasMessageContaining("stands for '/ipns/other'");
    }

    @Test
    void subscribe_wrongKeyOrNoIndex_isNotFollowedAndSaysWhy() throws IOException {
        assertThatThrownBy(() -> subscriptions().subscribe(source(), KEYS, null))
                .hasMessageContaining("status 404");
        publish(add(1));
        publishIndex();

        assertThatThrownBy(() -> subscriptions().subscribe(source(), List.of(PublicKey.CACHE_NIXOS_ORG), null))
                .hasMessageContaining("signed by 'test-1', which is not a key that is trusted for it");
        assertThat(subscriptions().all()).isEmpty();
        assertThat(records()).isZero();
    }

    /** A server that answers with this root. */
    private static FaultyUpstream serving(FaultyUpstream web, IndexRoot root, IndexShard... shards) {
        web.clear().on("/narsil-index/root", FaultyUpstream.ok(root.encode()));
        for (IndexShard shard : shards) {
            web.on("/narsil-index/" + IndexShard.cid(shard.encode()), FaultyUpstream.ok(shard.encode()));
        }
        return web;
    }

    private static IndexRoot root(long sequence, Instant time, IndexShard... shards) {
        TreeMap<String, IndexRoot.Shard> links = new TreeMap<>();
        for (IndexShard shard : shards) {
            links.put(
                    shard.prefix(),
                    new IndexRoot.Shard(
                            IndexShard.cid(shard.encode()), shard.entries().size()));
        }
        return IndexRoot.sign(StoreDir.DEFAULT, sequence, time, links, KEY);
    }

    private static IndexShard shard(int number) {
        SignedPath path = SignedPath.of(number);
        NarCids cids = new NarCids(
                Cid.hash(Codec.DAG_CBOR, new byte[] {(byte) number}),
                Cid.hash(Codec.DAG_PB, new byte[] {(byte) number}));
        return new IndexShard(
                IndexShard.prefix(path.digest()), List.of(new IndexEntry(path.digest(), path.narHash(), cids)));
    }

    @Test
    void refresh_olderOrAnotherOfTheSameSequence_isRefusedAndRemembered() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            IndexSource source = IndexSource.parse(web.url());
            serving(web, root(7, now, shard(1)), shard(1));
            subscriptions().subscribe(source, KEYS, null);

            serving(web, root(6, now, shard(2)), shard(2));
            subscriptions().refreshAll(null);
            assertThat(subscriptions().all().getFirst().failure())
                    .contains("sequence 6, older than 7")
                    .contains("the source has gone back");

            serving(web, root(7, now.plusSeconds(1), shard(1)), shard(1));
            subscriptions().refreshAll(null);
            assertThat(subscriptions().all().getFirst().failure()).contains("one sequence stands for one index");

            IndexRoot forged = new IndexRoot(
                    StoreDir.DEFAULT,
                    8,
                    now,
                    root(7, now, shard(2)).shards(),
                    root(7, now).signature());
            serving(web, forged, shard(2));
            subscriptions().refreshAll(null);
            assertThat(subscriptions().all().getFirst().failure()).contains("is wrong");
            assertThat(new IndexTable(follower).root(SignedPath.of(1).narHash()))
                    .isPresent();
            assertThat(new IndexTable(follower).root(SignedPath.of(2).narHash()))
                    .isEmpty();

            serving(web, root(9, now, shard(1), shard(2)), shard(1), shard(2));
            subscriptions().refreshAll(null);
            assertThat(subscriptions().all().getFirst().failure()).isEmpty();
            assertThat(subscriptions().all().getFirst().sequence()).isEqualTo(9);
        }
    }

    @Test
    void refresh_shardThatIsNotTheOneNamed_leavesWhatWasStored() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            IndexSource source = IndexSource.parse(web.url());
            serving(web, root(7, now, shard(1)), shard(1));
            subscriptions().subscribe(source, KEYS, null);

            serving(web, root(8, now, shard(2)));
            web.on("/narsil-index/" + IndexShard.cid(shard(2).encode()), FaultyUpstream.ok(shard(3).encode()));
            subscriptions().refreshAll(null);

            FollowedIndex after = subscriptions().all().getFirst();
            assertThat(web.requests().stream()
                            .filter(request -> request.target().endsWith("/root"))
                            .map(request -> request.header("if-none-match")))
                    .containsExactly(null, "\"" + after.root() + "\"");
            assertThat(after.sequence()).isEqualTo(7);
            assertThat(after.failure()).contains("bytes that are not");
            assertThat(new IndexTable(follower).root(SignedPath.of(1).narHash()))
                    .isPresent();
        }
    }

    @Test
    void subscribe_rootOrShardTooLong_isRefused() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            IndexSource source = IndexSource.parse(web.url());
            web.on("/narsil-index/root", FaultyUpstream.ok(new byte[IndexRoot.MAX_BYTES + 1]));
            assertThatThrownBy(() -> subscriptions().subscribe(source, KEYS, null))
                    .isInstanceOf(IOException.class);

            serving(web, root(8, now, shard(2)));
            web.on(
                    "/narsil-index/" + IndexShard.cid(shard(2).encode()),
                    FaultyUpstream.ok(new byte[IndexShard.MAX_BYTES + 1]));
            assertThatThrownBy(() -> subscriptions().subscribe(source, KEYS, null))
                    .isInstanceOf(IOException.class);
            assertThat(records()).isZero();
        }
    }

    @Test
    void subscribe_moreThanAreFollowed_isRefused() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            web.on("/narsil-index/root", FaultyUpstream.ok(root(1, now).encode()));
            for (int i = 0; i < FollowedIndexes.MAX_SUBSCRIPTIONS; i++) {
                String folder = "/" + i;
                web.on(
                        folder + "/narsil-index/root",
                        FaultyUpstream.ok(root(1, now).encode()));
                subscriptions().subscribe(IndexSource.parse(web.url() + folder), KEYS, null);
            }
            assertThat(subscriptions().all()).hasSize(FollowedIndexes.MAX_SUBSCRIPTIONS);
            assertThatThrownBy(() -> subscriptions().subscribe(IndexSource.parse(web.url()), KEYS, null))
                    .hasMessageContaining("no more than 16");
        }
    }

    @Test
    void schedule_runs_fetchesInTheBackground() throws Exception {
        PathInfo info = add(1);
        publish(info);
        publishIndex();
        subscriptions().subscribe(source(), KEYS, null);
        PathInfo later = add(2);
        NarCids cids = publish(later);
        publishIndex();

        IndexTable table = new IndexTable(follower);
        CountDownLatch changed = new CountDownLatch(1);
        try (RefreshSchedule _ = RefreshSchedule.start(
                subscriptions(), null, changed::countDown, Duration.ofMillis(100), new Random(1))) {
            await(() -> {
                try {
                    return table.root(later.narHash()).equals(Optional.of(cids.nar()));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(changed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private Upstreams upstreams(FaultyUpstream dead, IndexedPaths ipfs) {
        return Upstreams.start(
                follower,
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
        PathInfo info = add(1);
        NarCids cids = publish(info);
        publishIndex();
        subscriptions().subscribe(source(), KEYS, null);
        FaultyUpstream dead = new FaultyUpstream();
        dead.close();

        try (IndexLookups lookups = new IndexLookups(follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, kubo, List.of(), LONG);
                Upstreams upstreams = upstreams(dead, ipfs)) {
            NarInfo found = ask(upstreams, info).orElseThrow();

            assertThat(found.pathInfo().signatures()).isEqualTo(info.signatures());
            assertThat(found.cids()).contains(cids);
            assertThat(found).isEqualTo(NarInfo.inIpfs(info, cids));
            assertThat(new IndexedRoots(upstreams, lookups).root(info.narHash()))
                    .contains(cids.nar());
            assertThat(ask(upstreams, info)).contains(found);
            assertThat(fake.calls().stream().filter(call -> call.command().equals("block/get")))
                    .hasSize(1);
            assertThat(ipfs.distrust(found)).isNull();

            subscriptions().unsubscribe(source());
            assertThat(ipfs.distrust(found)).contains("keys that are not trusted");
        }
    }

    @Test
    void find_manifestCannotBeHad_isAskedForOnceAMinute() throws Exception {
        PathInfo info = add(1);
        NarCids cids = publish(info);
        publishIndex();
        subscriptions().subscribe(source(), KEYS, null);
        byte[] block = fake.block(cids.manifest());
        fake.blocks().remove(cids.manifest());

        try (IndexLookups lookups = new IndexLookups(follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, kubo, List.of(), LONG)) {
            assertThatThrownBy(() -> ipfs.find(info.path().digest()).get()).hasMessageContaining("block/get");
            fake.blocks().put(cids.manifest(), block);
            assertThatThrownBy(() -> ipfs.find(info.path().digest()).get())
                    .hasMessageContaining("could not be had lately");
            assertThat(ipfs.find(SignedPath.path(99).digest()).get()).isEmpty();
        }
    }

    @Test
    void find_daemonHangs_failsWithinTheBudget() throws Exception {
        PathInfo info = add(1);
        publish(info);
        publishIndex();
        subscriptions().subscribe(source(), KEYS, null);
        fake.on(
                "block/get",
                (call, wire) -> wire.begin("application/vnd.ipld.raw").hang());

        try (IndexLookups lookups = new IndexLookups(follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, kubo, List.of(), Duration.ofMillis(300))) {
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
            fake.blocks().put(cids.manifest(), manifest);
            Digest digest = info.path().digest();
            entries.computeIfAbsent(IndexShard.prefix(digest), prefix -> new TreeMap<>())
                    .put(digest, new IndexEntry(digest, info.narHash(), cids));
        }
        IndexShard[] shards = entries.entrySet().stream()
                .map(each -> new IndexShard(
                        each.getKey(), List.copyOf(each.getValue().values())))
                .toArray(IndexShard[]::new);
        try (FaultyUpstream web = new FaultyUpstream();
                IndexLookups lookups = new IndexLookups(follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, kubo, List.of(), LONG)) {
            serving(web, root(1, now, shards), shards);
            subscriptions().subscribe(IndexSource.parse(web.url()), KEYS, null);

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
        fake.blocks().put(cids.manifest(), manifest);
        IndexShard shard = new IndexShard(
                IndexShard.prefix(path.digest()), List.of(new IndexEntry(path.digest(), path.narHash(), cids)));
        try (FaultyUpstream web = new FaultyUpstream();
                IndexLookups lookups = new IndexLookups(follower);
                IndexedPaths ipfs = new IndexedPaths(lookups, kubo, List.of(), LONG)) {
            serving(web, root(1, now, shard), shard);
            IndexSource source = IndexSource.parse(web.url());
            subscriptions().subscribe(source, KEYS, null);
            try {
                return ipfs.find(path.digest()).get().orElseThrow();
            } finally {
                subscriptions().unsubscribe(source);
            }
        }
    }
}
