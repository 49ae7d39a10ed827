package dev.narsil.gateway.ipfs.index;

import static dev.narsil.gateway.ipfs.index.IndexFixture.KEYS;
import static dev.narsil.gateway.ipfs.index.IndexFixture.PATIENCE;
import static dev.narsil.gateway.ipfs.index.IndexFixture.await;
import static dev.narsil.gateway.ipfs.index.IndexFixture.root;
import static dev.narsil.gateway.ipfs.index.IndexFixture.serving;
import static dev.narsil.gateway.ipfs.index.IndexFixture.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.kubo.FakeCall;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Following the indexes of others, from web servers and from a daemon. */
@Timeout(180)
class FollowedIndexesTest {

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

    @Test
    void subscribe_byHttp_knowsEveryPathAndLaterFetchesOnlyWhatChanged() throws Exception {
        long seed = new Random().nextInt(1000);
        List<PathInfo> infos = new ArrayList<>();
        List<NarCids> cids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            infos.add(fixture.add((int) seed * 100 + i));
            cids.add(fixture.publish(infos.getLast()));
        }
        int shards = fixture.publishIndex().index().shards().size();

        FollowedIndexes.Refreshed first = fixture.subscriptions().subscribe(fixture.source(), KEYS, null);

        assertThat(first.shards()).as("seed %d", seed).isEqualTo(shards);
        assertThat(fixture.subscriptions().paths(first.subscription())).isEqualTo(12);
        IndexTable table = new IndexTable(fixture.follower);
        for (int i = 0; i < 12; i++) {
            PathInfo info = infos.get(i);
            assertThat(table.roots(info.narHash())).contains(cids.get(i).nar());
            assertThat(table.find(info.path().digest()).values())
                    .containsExactly(new IndexEntry(info.path().digest(), info.narHash(), cids.get(i)));
        }

        FollowedIndexes.Refreshed same = fixture.subscriptions().subscribe(fixture.source(), KEYS, null);
        assertThat(same.shards()).isZero();

        PathInfo gone = infos.getFirst();
        new IpfsPublisher(fixture.publisher, fixture.kubo, OtherPins.NONE, new TrustedKeys(KEYS), _ -> {})
                .unpublish(gone.path().digest());
        fixture.publishIndex();
        FollowedIndexes.Refreshed later = fixture.subscriptions().subscribe(fixture.source(), KEYS, null);
        assertThat(later.shards()).as("seed %d", seed).isLessThanOrEqualTo(1);
        assertThat(fixture.subscriptions().paths(later.subscription())).isEqualTo(11);
        assertThat(table.find(gone.path().digest())).isEmpty();
        assertThat(table.roots(gone.narHash())).isEmpty();
        assertThat(table.roots(infos.getLast().narHash())).isNotEmpty();

        assertThat(fixture.subscriptions().unsubscribe(fixture.source())).isTrue();
        assertThat(fixture.subscriptions().unsubscribe(fixture.source())).isFalse();
        assertThat(fixture.records()).isZero();
    }

    @Test
    void subscribe_byIpns_isFetchedBlockByBlockFromTheDaemon() throws IOException {
        PathInfo info = fixture.add(1);
        NarCids cids = fixture.publish(info);
        Cid root = fixture.publishIndex().cid();
        fixture.fake.on("name/resolve", (call, wire) -> wire.json("{\"Path\":\"/ipfs/" + root + "\"}"));
        IndexSource name = IndexSource.parse("cache.example");

        assertThat(fixture.subscriptions().subscribe(name, KEYS, fixture.kubo).shards())
                .isEqualTo(1);
        assertThat(new IndexTable(fixture.follower).roots(info.narHash())).contains(cids.nar());
        List<FakeCall> resolved = fixture.fake.calls().stream()
                .filter(call -> call.command().equals("name/resolve"))
                .toList();
        assertThat(resolved).hasSize(1);
        assertThat(resolved.getFirst().arg()).isEqualTo("/ipns/cache.example");
        assertThat(resolved.getFirst().option("timeout")).isEqualTo("60000ms");

        assertThatThrownBy(() -> fixture.subscriptions().subscribe(name, KEYS, null))
                .hasMessageContaining("no IPFS daemon");
        fixture.fake.on("name/resolve", (call, wire) -> wire.json("{\"Path\":\"/ipns/other\"}"));
        assertThatThrownBy(() -> fixture.subscriptions().subscribe(name, KEYS, fixture.kubo))
                .hasMessageContaining("stands for '/ipns/other'");
    }

    @Test
    void subscribe_wrongKeyOrNoIndex_isNotFollowedAndSaysWhy() throws IOException {
        assertThatThrownBy(() -> fixture.subscriptions().subscribe(fixture.source(), KEYS, null))
                .hasMessageContaining("status 404");
        fixture.publish(fixture.add(1));
        fixture.publishIndex();

        assertThatThrownBy(() ->
                        fixture.subscriptions().subscribe(fixture.source(), List.of(PublicKey.CACHE_NIXOS_ORG), null))
                .hasMessageContaining("signed by 'test-1', which is not a key that is trusted for it");
        assertThat(fixture.subscriptions().all()).isEmpty();
        assertThat(fixture.records()).isZero();
    }

    @Test
    void refresh_olderOrAnotherOfTheSameSequence_isRefusedAndRemembered() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            IndexSource source = IndexSource.parse(web.url());
            serving(web, root(7, fixture.now, shard(1)), shard(1));
            fixture.subscriptions().subscribe(source, KEYS, null);

            serving(web, root(6, fixture.now, shard(2)), shard(2));
            fixture.subscriptions().refreshAll(null);
            assertThat(fixture.subscriptions().all().getFirst().failure())
                    .contains("sequence 6, older than 7")
                    .contains("the source has gone back");

            serving(web, root(7, fixture.now.plusSeconds(1), shard(1)), shard(1));
            fixture.subscriptions().refreshAll(null);
            assertThat(fixture.subscriptions().all().getFirst().failure())
                    .contains("one sequence stands for one index");

            IndexRoot forged = new IndexRoot(
                    StoreDir.DEFAULT,
                    8,
                    fixture.now,
                    root(7, fixture.now, shard(2)).shards(),
                    root(7, fixture.now).signature());
            serving(web, forged, shard(2));
            fixture.subscriptions().refreshAll(null);
            assertThat(fixture.subscriptions().all().getFirst().failure()).contains("is wrong");
            assertThat(new IndexTable(fixture.follower).roots(SignedPath.of(1).narHash()))
                    .isNotEmpty();
            assertThat(new IndexTable(fixture.follower).roots(SignedPath.of(2).narHash()))
                    .isEmpty();

            serving(web, root(9, fixture.now, shard(1), shard(2)), shard(1), shard(2));
            fixture.subscriptions().refreshAll(null);
            assertThat(fixture.subscriptions().all().getFirst().failure()).isEmpty();
            assertThat(fixture.subscriptions().all().getFirst().sequence()).isEqualTo(9);
        }
    }

    @Test
    void refresh_shardThatIsNotTheOneNamed_leavesWhatWasStored() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            IndexSource source = IndexSource.parse(web.url());
            serving(web, root(7, fixture.now, shard(1)), shard(1));
            fixture.subscriptions().subscribe(source, KEYS, null);

            serving(web, root(8, fixture.now, shard(2)));
            web.on("/narsil-index/" + IndexShard.cid(shard(2).encode()), FaultyUpstream.ok(shard(3).encode()));
            fixture.subscriptions().refreshAll(null);

            FollowedIndex after = fixture.subscriptions().all().getFirst();
            assertThat(web.requests().stream()
                            .filter(request -> request.target().endsWith("/root"))
                            .map(request -> request.header("if-none-match")))
                    .containsExactly(null, "\"" + after.root() + "\"");
            assertThat(after.sequence()).isEqualTo(7);
            assertThat(after.failure()).contains("bytes that are not");
            assertThat(new IndexTable(fixture.follower).roots(SignedPath.of(1).narHash()))
                    .isNotEmpty();
        }
    }

    @Test
    void subscribe_rootOrShardTooLong_isRefused() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            IndexSource source = IndexSource.parse(web.url());
            web.on("/narsil-index/root", FaultyUpstream.ok(new byte[IndexRoot.MAX_BYTES + 1]));
            assertThatThrownBy(() -> fixture.subscriptions().subscribe(source, KEYS, null))
                    .isInstanceOf(IOException.class);

            serving(web, root(8, fixture.now, shard(2)));
            web.on(
                    "/narsil-index/" + IndexShard.cid(shard(2).encode()),
                    FaultyUpstream.ok(new byte[IndexShard.MAX_BYTES + 1]));
            assertThatThrownBy(() -> fixture.subscriptions().subscribe(source, KEYS, null))
                    .isInstanceOf(IOException.class);
            assertThat(fixture.records()).isZero();
        }
    }

    @Test
    void subscribe_moreThanAreFollowed_isRefused() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream()) {
            web.on("/narsil-index/root", FaultyUpstream.ok(root(1, fixture.now).encode()));
            for (int i = 0; i < FollowedIndexes.MAX_SUBSCRIPTIONS; i++) {
                String folder = "/" + i;
                web.on(
                        folder + "/narsil-index/root",
                        FaultyUpstream.ok(root(1, fixture.now).encode()));
                fixture.subscriptions().subscribe(IndexSource.parse(web.url() + folder), KEYS, null);
            }
            assertThat(fixture.subscriptions().all()).hasSize(FollowedIndexes.MAX_SUBSCRIPTIONS);
            assertThatThrownBy(() -> fixture.subscriptions().subscribe(IndexSource.parse(web.url()), KEYS, null))
                    .hasMessageContaining("no more than 16");
        }
    }

    @Test
    void schedule_runs_fetchesInTheBackground() throws Exception {
        PathInfo info = fixture.add(1);
        fixture.publish(info);
        fixture.publishIndex();
        fixture.subscriptions().subscribe(fixture.source(), KEYS, null);
        PathInfo later = fixture.add(2);
        NarCids cids = fixture.publish(later);
        fixture.publishIndex();

        IndexTable table = new IndexTable(fixture.follower);
        CountDownLatch changed = new CountDownLatch(1);
        FollowedIndexes followed = fixture.subscriptions();
        try (Metrics metrics = new Metrics();
                RefreshSchedule schedule = RefreshSchedule.start(
                        followed,
                        null,
                        new RefreshMeters(followed, () -> fixture.now.plusSeconds(90), metrics),
                        changed::countDown,
                        Duration.ofMillis(100),
                        new Random(1))) {
            await(() -> {
                try {
                    return table.roots(later.narHash()).equals(List.of(cids.nar()));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(changed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(schedule.meters().tally(0).done()).isPositive();
            assertThat(schedule.meters().tally(0).failed()).isZero();
            assertThat(schedule.meters().tally(1)).isEqualTo(new RefreshMeters.Tally(0, 0));
        }
    }

    private static String scraped(Metrics metrics) {
        return new String(metrics.scrape(), StandardCharsets.UTF_8);
    }

    @Test
    void meters_indexIsHadAndThenNot_tellHowOftenAndHowOldItIs() throws IOException {
        try (FaultyUpstream web = new FaultyUpstream();
                Metrics metrics = new Metrics()) {
            IndexSource source = IndexSource.parse(web.url());
            serving(web, root(7, fixture.now.minusSeconds(1000), shard(1)), shard(1));
            FollowedIndexes followed = fixture.subscriptions();
            followed.subscribe(source, KEYS, null);
            Instant later = fixture.now.plusSeconds(90);
            RefreshMeters meters = new RefreshMeters(followed, () -> later, metrics);
            assertThat(scraped(metrics)).doesNotContain("narsil_ipfs_index");
            meters.follows(0);
            assertThat(scraped(metrics))
                    .contains("narsil_ipfs_index_refreshes_total{index=\"0\",result=\"done\"} 0.0")
                    .contains("narsil_ipfs_index_age_seconds{index=\"0\"} 1090.0")
                    .contains("narsil_ipfs_index_unasked_seconds{index=\"0\"} 90.0");

            followed.refreshAll(null, meters::asked);
            web.clear();
            followed.refreshAll(null, meters::asked);
            followed.refreshAll(null, meters::asked);

            assertThat(meters.tally(0)).isEqualTo(new RefreshMeters.Tally(1, 2));
            assertThat(scraped(metrics))
                    .contains("narsil_ipfs_index_refreshes_total{index=\"0\",result=\"done\"} 1.0")
                    .contains("narsil_ipfs_index_refreshes_total{index=\"0\",result=\"failed\"} 2.0")
                    .contains("narsil_ipfs_index_age_seconds{index=\"0\"} 1090.0")
                    .doesNotContain("index=\"1\"");
            assertThat(followed.unsubscribe(source)).isTrue();
            assertThat(scraped(metrics)).contains("narsil_ipfs_index_age_seconds{index=\"0\"} NaN");
        }
    }
}
