package dev.narsil.gateway.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.AccessPolicy;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.pinning.PinServiceOptions;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.replicas.Replica.State;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rounds on a real store, with donors on real sockets; one of them is a Narsil. */
@Timeout(120)
class ReplicaRoundTest {

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final DonorHttp.Pace QUICK =
            new DonorHttp.Pace(Duration.ofSeconds(10), Duration.ZERO, Duration.ofMillis(2), Duration.ofMillis(50));
    private static final String PEER = "/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWOwn";

    @TempDir
    private Path folder;

    private NarStore store;
    private Wishes wishes;
    private FakeKubo fake;
    private KuboClient kubo;
    private final List<DonorOptions> options = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        store = open("store");
        wishes = new Wishes(store);
        fake = new FakeKubo();
        fake.on("id", (call, wire) -> wire.json("{\"ID\":\"12D3KooWOwn\",\"Addresses\":[\"" + PEER + "\"]}"));
        fake.on("swarm/connect", (call, wire) -> wire.json("{\"Strings\":[]}"));
        kubo = fake.client();
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
        store.close();
    }

    private NarStore open(String name) throws IOException {
        return new NarStore(
                RocksBlockStore.open(folder.resolve(name), StoreOptions.DEFAULT),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    private PathInfo path(int seed) throws IOException {
        return path(seed, List.of());
    }

    private PathInfo path(int seed, List<String> signatures) throws IOException {
        byte[] nar = new RandomNar(seed, StoreDir.DEFAULT, 12, 100 << 10).bytes(RandomNar.digests(seed, 3));
        try (NarIngest ingest = store.ingest(Sha256.hash(nar), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        PathInfo info = new PathInfo(
                new StorePath(RandomNar.digests(1000L + seed, 1).getFirst(), "package-" + seed),
                Sha256.hash(nar),
                null,
                nar.length,
                List.of(),
                null,
                null,
                signatures,
                null,
                List.of());
        store.publish(info).join();
        return info;
    }

    /** Publishes a path and wants copies of it. */
    private Digest wanted(int seed, int copies) throws IOException {
        PathInfo info = path(seed);
        var _ = publish(info);
        wishes.set(List.of(info.path().digest()), copies);
        return info.path().digest();
    }

    private Cid publish(PathInfo info) throws IOException {
        return new IpfsPublisher(store, kubo, null, _ -> {})
                .publish(info)
                .path()
                .manifest();
    }

    private void service(String name, URI root, @Nullable Path key, @Nullable URI gateway) {
        options.add(new DonorOptions(DonorOptions.Kind.PIN_SERVICE, name, root, key, gateway));
    }

    private RoundSummary round() throws IOException {
        return round(NOON);
    }

    private RoundSummary round(Instant now) throws IOException {
        try (Donors donors = Donors.open(options, QUICK, 10)) {
            return ReplicaRound.run(store, kubo, donors, Duration.ZERO, now, () -> {});
        }
    }

    private Wish wish(Digest digest) throws IOException {
        return wishes.find(digest).orElseThrow();
    }

    private Replica replica(Digest digest, String donor) throws IOException {
        return wish(digest).replicas().stream()
                .filter(replica -> replica.donor().equals(donor))
                .findAny()
                .orElseThrow();
    }

    /** A gateway to the blocks of a daemon. */
    private static ScriptedDonor gateway(FakeKubo daemon) throws IOException {
        return new ScriptedDonor(call -> {
            String target = call.target();
            Cid cid = Cid.parse(target.substring("/ipfs/".length(), target.indexOf('?')));
            byte[] block = daemon.blocks().get(cid);
            boolean local = call.header("Cache-Control").equals("only-if-cached");
            if (block == null || !local) {
                call.reply(412, "");
            } else {
                call.reply(200, block);
            }
        });
    }

    /** A Narsil that keeps things for others, whose daemon can have what {@link #fake} has. */
    private final class Friend implements AutoCloseable {

        final FakeKubo daemon = new FakeKubo();
        private final KuboClient client = daemon.client();
        private final NarStore own = open("friend");
        private final PinService pins;
        private final CacheServer server;
        private final ScriptedDonor gateway = gateway(daemon);

        Friend(long quota) throws IOException {
            daemon.on("pin/add", (call, wire) -> {
                daemon.blocks().putAll(fake.blocks());
                daemon.pins().add(call.arg());
                wire.json("{\"Pins\":[\"" + call.arg() + "\"]}");
            });
            daemon.on("swarm/connect", (call, wire) -> wire.json("{\"Strings\":[]}"));
            Tokens tokens = Tokens.load(own);
            pins = PinService.start(own, client, tokens, PinServiceOptions.of(quota), InstantSource.system());
            server = CacheServer.start(
                    Services.of(own)
                            .withAccess(new Access(tokens, AccessPolicy.DEFAULT, InstantSource.system()))
                            .withPins(pins),
                    ServerOptions.DEFAULT
                            .withAddress("127.0.0.1", 0)
                            .withTimeouts(ServerOptions.Timeouts.DEFAULT.withStop(Duration.ofSeconds(5))));
            Path key = folder.resolve("friend.key");
            Files.writeString(
                    key,
                    tokens.create("me", Set.of(Permission.PIN), null, Instant.now())
                            .secretText());
            URI root = URI.create("http://127.0.0.1:" + server.address().getPort() + "/api/v1/");
            service("friend", root, key, gateway.root());
        }

        void awaitSettled() {
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (pins.count(PinState.QUEUED) + pins.count(PinState.PINNING) > 0) {
                assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            pins.close();
            client.close();
            daemon.close();
            own.close();
            gateway.close();
        }
    }

    @Test
    void round_twoCopiesWanted_aNarsilIsAskedAndItsBlocksAreSeen() throws IOException {
        Digest digest = wanted(1, 2);
        try (Friend friend = new Friend(100_000_000)) {
            RoundSummary first = round();
            assertThat(first.asked()).isEqualTo(1);
            assertThat(first.wanted()).isEqualTo(2);
            assertThat(first.failures()).isEmpty();
            friend.awaitSettled();
            RoundSummary second = round();

            assertThat(second).isEqualTo(new RoundSummary(1, 0, 2, 2, 0, 0, 0, 0, java.util.Map.of()));
            assertThat(friend.daemon.pins())
                    .containsExactly(String.valueOf(wish(digest).manifest()));
            assertThat(replica(digest, "friend").state()).isEqualTo(State.VERIFIED);
            assertThat(replica(digest, "friend").verified()).isEqualTo(NOON);
            assertThat(friend.daemon.calls().stream()
                            .filter(call -> call.command().equals("swarm/connect")))
                    .singleElement()
                    .satisfies(call -> assertThat(call.arg()).isEqualTo(PEER));

            wishes.set(List.of(digest), 0);
            assertThat(round().paths()).isZero();
            assertThat(wishes.find(digest)).isEmpty();
            assertThat(friend.pins.count(PinState.PINNED)).isZero();
        }
    }

    @Test
    void round_narsilWithoutRoom_isToldAndTheNextIsAsked() throws IOException {
        Digest digest = wanted(1, 2);
        try (Friend friend = new Friend(1000);
                FakePinService other = new FakePinService()) {
            var _ = round();
            friend.awaitSettled();
            service("other", other.server().root(), null, null);
            RoundSummary second = round();

            assertThat(replica(digest, "friend").state()).isEqualTo(State.FAILED);
            assertThat(replica(digest, "friend").details()).contains("larger than");
            assertThat(replica(digest, "other").state()).isEqualTo(State.CLAIMED);
            assertThat(second.missing()).isZero();
            assertThat(second.claimed()).isEqualTo(1);
            assertThat(round().asked()).as("asked again").isZero();
            assertThat(friend.daemon.pins()).isEmpty();
        }
    }

    @Test
    void round_donorLostItsBlocks_anotherIsAskedAtOnce() throws IOException {
        Digest digest = wanted(1, 2);
        try (Friend friend = new Friend(100_000_000);
                FakePinService other = new FakePinService();
                ScriptedDonor gateway = gateway(fake)) {
            var _ = round();
            friend.awaitSettled();
            var _ = round();
            friend.daemon.blocks().clear();
            service("other", other.server().root(), null, gateway.root());
            RoundSummary summary = round();
            assertThat(summary.lost()).isEqualTo(1);
            assertThat(summary.asked()).isEqualTo(1);
            assertThat(summary.missing()).isZero();
            assertThat(replica(digest, "friend").state()).isEqualTo(State.LOST);
            assertThat(replica(digest, "friend").details()).contains("HTTP status 412");
            assertThat(replica(digest, "other").state()).isEqualTo(State.VERIFIED);
        }
    }

    @Test
    void round_donorGivesWrongBytes_doesNotCount() throws IOException {
        Digest digest = wanted(1, 2);
        try (FakePinService liar = new FakePinService();
                ScriptedDonor gateway = new ScriptedDonor(call -> call.reply(200, "anything"))) {
            service("liar", liar.server().root(), null, gateway.root());
            RoundSummary summary = round();
            assertThat(replica(digest, "liar").state()).isEqualTo(State.LOST);
            assertThat(replica(digest, "liar").details()).contains("wrong bytes");
            assertThat(summary.missing()).isEqualTo(1);
        }
    }

    @Test
    void round_gatewayAwayForAWhile_countsForTwoDays() throws IOException {
        Digest digest = wanted(1, 2);
        try (FakePinService service = new FakePinService();
                ScriptedDonor gateway = gateway(fake)) {
            service("donor", service.server().root(), null, gateway.root());
            assertThat(round().missing()).isZero();
            gateway.script(call -> call.reply(502, ""));
            RoundSummary away = round(NOON.plus(Duration.ofHours(47)));
            assertThat(away.missing()).isZero();
            assertThat(away.failures()).containsKey("donor");
            assertThat(replica(digest, "donor").verified()).isEqualTo(NOON);
            assertThat(round(NOON.plus(Duration.ofHours(49))).missing()).isEqualTo(1);
        }
    }

    @Test
    void round_noGateway_isClaimedAndItsPeerIsLookedFor() throws IOException {
        Digest digest = wanted(1, 2);
        fake.on(
                "routing/findprovs",
                (call, wire) -> wire.json("{\"Type\":4,\"Responses\":[{\"ID\":\"12D3KooWTheirs\",\"Addrs\":[]}]}"));
        try (FakePinService service = new FakePinService()) {
            service.delegates(List.of("/dnsaddr/pins.example.org/p2p/12D3KooWTheirs"));
            service("donor", service.server().root(), null, null);
            RoundSummary summary = round();
            assertThat(summary.claimed()).isEqualTo(1);
            assertThat(summary.verified()).isEqualTo(1);
            assertThat(replica(digest, "donor").state()).isEqualTo(State.CLAIMED);
            assertThat(replica(digest, "donor").verified()).isNull();
            assertThat(replica(digest, "donor").details()).isEqualTo("the network names its peer 12D3KooWTheirs");
        }
    }

    @Test
    void round_manyPathsAndDonors_areSpreadByBytes() throws IOException {
        for (int seed = 1; seed <= 6; seed++) {
            var _ = wanted(seed, 2);
        }
        try (FakePinService one = new FakePinService();
                FakePinService two = new FakePinService();
                FakePinService three = new FakePinService()) {
            service("one", one.server().root(), null, null);
            service("two", two.server().root(), null, null);
            service("three", three.server().root(), null, null);
            assertThat(round().asked()).isEqualTo(6);
            for (FakePinService service : List.of(one, two, three)) {
                assertThat(service.cids()).hasSizeBetween(1, 3);
            }
            assertThat(round().asked()).isZero();
        }
    }

    @Test
    void round_slowDonor_isWaitedForADayAndThenAnotherIsAsked() throws IOException {
        Digest digest = wanted(1, 2);
        try (FakePinService slow = new FakePinService();
                FakePinService other = new FakePinService()) {
            slow.say(PinState.QUEUED);
            service("a-slow", slow.server().root(), null, null);
            service("other", other.server().root(), null, null);
            assertThat(round().asked()).isEqualTo(1);
            assertThat(round(NOON.plus(Duration.ofHours(23))).asked()).isZero();
            RoundSummary late = round(NOON.plus(Duration.ofHours(25)));
            assertThat(late.asked()).isEqualTo(1);
            assertThat(late.missing()).isZero();
            assertThat(replica(digest, "a-slow").state()).isEqualTo(State.ASKED);
        }
    }

    @Test
    void round_donorFails_isNotAskedAgainForADay() throws IOException {
        Digest digest = wanted(1, 2);
        try (FakePinService service = new FakePinService()) {
            service.say(PinState.FAILED);
            service("donor", service.server().root(), null, null);
            assertThat(round().asked()).isEqualTo(1);
            assertThat(replica(digest, "donor").state()).isEqualTo(State.FAILED);
            assertThat(round(NOON.plus(Duration.ofHours(23))).asked()).isZero();
            assertThat(round(NOON.plus(Duration.ofHours(25))).asked()).isEqualTo(1);
            assertThat(service.cids()).hasSize(1);
        }
    }

    @Test
    void round_donorAway_othersAreAskedAndItsCopiesStay() throws IOException {
        Digest digest = wanted(1, 2);
        try (FakePinService away = new FakePinService();
                FakePinService other = new FakePinService()) {
            service("away", away.server().root(), null, null);
            assertThat(round().claimed()).isEqualTo(1);
            away.server().script(call -> call.reply(500, ""));
            service("other", other.server().root(), null, null);
            Digest next = wanted(2, 2);
            RoundSummary summary = round();
            assertThat(summary.failures()).containsOnlyKeys("away");
            assertThat(summary.missing()).isZero();
            assertThat(replica(digest, "away").state()).isEqualTo(State.CLAIMED);
            assertThat(replica(next, "other").state()).isEqualTo(State.CLAIMED);
        }
    }

    @Test
    void round_donorForgot_isAskedAgainWhereThereIsNoOther() throws IOException {
        Digest digest = wanted(1, 2);
        try (FakePinService service = new FakePinService()) {
            service("donor", service.server().root(), null, null);
            var _ = round();
            service.clear();
            RoundSummary summary = round();
            assertThat(summary.lost()).isEqualTo(1);
            assertThat(summary.asked()).isEqualTo(1);
            assertThat(replica(digest, "donor").state()).isEqualTo(State.CLAIMED);
        }
    }

    @Test
    void round_cluster_isAskedForAllThatIsMissing() throws IOException {
        Digest digest = wanted(1, 4);
        try (ScriptedDonor cluster = new ScriptedDonor(call -> call.reply(202, "{}"))) {
            options.add(new DonorOptions(DonorOptions.Kind.CLUSTER, "home", cluster.root(), null, null));
            RoundSummary asked = round();
            assertThat(asked.asked()).isEqualTo(1);
            assertThat(asked.missing()).isEqualTo(3);
            assertThat(cluster.calls()).last().asString().contains("replication-min=3&replication-max=3");
            cluster.script(call -> call.reply(
                    200,
                    "{\"peer_map\":{\"a\":{\"status\":\"pinned\"},\"b\":{\"status\":\"pinned\"},"
                            + "\"c\":{\"status\":\"pinned\"},\"d\":{\"status\":\"remote\"}}}"));
            RoundSummary there = round();
            assertThat(there.missing()).isZero();
            assertThat(there.claimed()).isEqualTo(3);

            wishes.set(List.of(digest), 5);
            var _ = round();
            assertThat(cluster.calls()).last().asString().contains("replication-min=4&replication-max=4");
        }
    }

    @Test
    void round_notPublished_nobodyIsAsked() throws IOException {
        PathInfo info = path(1);
        wishes.set(List.of(info.path().digest()), 2);
        try (FakePinService service = new FakePinService()) {
            service("donor", service.server().root(), null, null);
            assertThat(round()).isEqualTo(new RoundSummary(1, 1, 2, 0, 0, 2, 0, 0, java.util.Map.of()));
            assertThat(service.server().calls()).isEmpty();
        }
    }

    @Test
    void round_publishedAnew_oldManifestIsLetGo() throws IOException {
        Digest digest = wanted(1, 2);
        Cid before = fakeManifest(digest);
        try (FakePinService service = new FakePinService()) {
            service("donor", service.server().root(), null, null);
            var _ = round();
            assertThat(service.cids()).containsExactly(before);
            Cid after = publish(path(1, List.of("other-1:" + "A".repeat(86) + "==")));
            assertThat(after).isNotEqualTo(before);
            assertThat(round().asked()).isEqualTo(1);
            assertThat(service.cids()).containsExactly(after);
            assertThat(wish(digest).manifest()).isEqualTo(after);
        }
    }

    private Cid fakeManifest(Digest digest) throws IOException {
        return new dev.narsil.gateway.ipfs.PublishedPaths(store)
                .find(digest)
                .orElseThrow()
                .manifest();
    }

    @Test
    void round_ownDaemonAway_asksNobody() throws IOException {
        var _ = wanted(1, 2);
        fake.on("pin/ls", (call, wire) -> wire.cut());
        try (FakePinService service = new FakePinService()) {
            service("donor", service.server().root(), null, null);
            assertThatThrownBy(this::round).isInstanceOf(IOException.class);
            assertThat(service.cids()).isEmpty();
        }
    }

    @Test
    void schedule_running_runsRoundsAndTellsOfThem() throws IOException {
        var _ = wanted(1, 3);
        try (FakePinService service = new FakePinService()) {
            service("donor", service.server().root(), null, null);
            Donors donors = Donors.open(options, QUICK, 10);
            try (ReplicaSchedule schedule =
                    ReplicaSchedule.start(store, kubo, donors, InstantSource.system(), Duration.ofMillis(20))) {
                long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                while (schedule.rounds() < 2) {
                    assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
                    LockSupport.parkNanos(1_000_000);
                }
                RoundSummary last = schedule.last();
                assertThat(last).isNotNull();
                assertThat(wishes.summary().missing()).isEqualTo(1);
                assertThat(schedule.failed()).isZero();
            }
        }
    }
}
