package dev.narsil.gateway.replicas;

import static dev.narsil.gateway.replicas.ReplicaFixture.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.replicas.Replica.State;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom rounds ask for copies, and when. */
@Timeout(120)
class ReplicaRoundTest {

    @TempDir
    private Path folder;

    private ReplicaFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = new ReplicaFixture(folder);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    @Test
    void round_narsilWithoutRoom_isToldAndTheNextIsAsked() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (ReplicaFixture.Friend friend = fixture.new Friend(1000);
                FakePinService other = new FakePinService()) {
            var _ = fixture.round();
            friend.awaitSettled();
            fixture.service("other", other.server().root(), null, null);
            RoundSummary second = fixture.round();

            assertThat(fixture.replica(digest, "friend").state()).isEqualTo(State.FAILED);
            assertThat(fixture.replica(digest, "friend").details()).contains("larger than");
            assertThat(fixture.replica(digest, "other").state()).isEqualTo(State.CLAIMED);
            assertThat(second.missing()).isZero();
            assertThat(second.claimed()).isEqualTo(1);
            assertThat(fixture.round().asked()).as("asked again").isZero();
            assertThat(friend.daemon.pins()).isEmpty();
        }
    }

    @Test
    void round_manyPathsAndDonors_areSpreadByBytes() throws IOException {
        for (int seed = 1; seed <= 6; seed++) {
            var _ = fixture.wanted(seed, 2);
        }
        try (FakePinService one = new FakePinService();
                FakePinService two = new FakePinService();
                FakePinService three = new FakePinService()) {
            fixture.service("one", one.server().root(), null, null);
            fixture.service("two", two.server().root(), null, null);
            fixture.service("three", three.server().root(), null, null);
            assertThat(fixture.round().asked()).isEqualTo(6);
            for (FakePinService service : List.of(one, two, three)) {
                assertThat(service.cids()).hasSizeBetween(1, 3);
            }
            assertThat(fixture.round().asked()).isZero();
        }
    }

    @Test
    void round_slowDonor_isWaitedForADayAndThenAnotherIsAsked() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (FakePinService slow = new FakePinService();
                FakePinService other = new FakePinService()) {
            slow.say(PinState.QUEUED);
            fixture.service("a-slow", slow.server().root(), null, null);
            fixture.service("other", other.server().root(), null, null);
            assertThat(fixture.round().asked()).isEqualTo(1);
            assertThat(fixture.round(NOON.plus(Duration.ofHours(23))).asked()).isZero();
            RoundSummary late = fixture.round(NOON.plus(Duration.ofHours(25)));
            assertThat(late.asked()).isEqualTo(1);
            assertThat(late.missing()).isZero();
            assertThat(fixture.replica(digest, "a-slow").state()).isEqualTo(State.ASKED);
        }
    }

    @Test
    void round_donorFails_isNotAskedAgainForADay() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (FakePinService service = new FakePinService()) {
            service.say(PinState.FAILED);
            fixture.service("donor", service.server().root(), null, null);
            assertThat(fixture.round().asked()).isEqualTo(1);
            assertThat(fixture.replica(digest, "donor").state()).isEqualTo(State.FAILED);
            assertThat(fixture.round(NOON.plus(Duration.ofHours(23))).asked()).isZero();
            assertThat(fixture.round(NOON.plus(Duration.ofHours(25))).asked()).isEqualTo(1);
            assertThat(service.cids()).hasSize(1);
        }
    }

    @Test
    void round_donorAway_othersAreAskedAndItsCopiesStay() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (FakePinService away = new FakePinService();
                FakePinService other = new FakePinService()) {
            fixture.service("away", away.server().root(), null, null);
            assertThat(fixture.round().claimed()).isEqualTo(1);
            away.server().script(call -> call.reply(500, ""));
            fixture.service("other", other.server().root(), null, null);
            Digest next = fixture.wanted(2, 2);
            RoundSummary summary = fixture.round();
            assertThat(summary.failures()).containsOnlyKeys("away");
            assertThat(summary.missing()).isZero();
            assertThat(fixture.replica(digest, "away").state()).isEqualTo(State.CLAIMED);
            assertThat(fixture.replica(next, "other").state()).isEqualTo(State.CLAIMED);
        }
    }

    @Test
    void round_donorForgot_isAskedAgainWhereThereIsNoOther() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (FakePinService service = new FakePinService()) {
            fixture.service("donor", service.server().root(), null, null);
            var _ = fixture.round();
            service.clear();
            RoundSummary summary = fixture.round();
            assertThat(summary.lost()).isEqualTo(1);
            assertThat(summary.asked()).isEqualTo(1);
            assertThat(fixture.replica(digest, "donor").state()).isEqualTo(State.CLAIMED);
        }
    }

    @Test
    void round_cluster_isAskedForAllThatIsMissing() throws IOException {
        Digest digest = fixture.wanted(1, 4);
        try (ScriptedDonor cluster = new ScriptedDonor(call -> call.reply(202, "{}"))) {
            fixture.options.add(new DonorOptions(DonorOptions.Kind.CLUSTER, "home", cluster.root(), null, null));
            RoundSummary asked = fixture.round();
            assertThat(asked.asked()).isEqualTo(1);
            assertThat(asked.missing()).isEqualTo(3);
            assertThat(cluster.calls()).last().asString().contains("replication-min=3&replication-max=3");
            cluster.script(call -> call.reply(
                    200,
                    "{\"peer_map\":{\"a\":{\"status\":\"pinned\"},\"b\":{\"status\":\"pinned\"},"
                            + "\"c\":{\"status\":\"pinned\"},\"d\":{\"status\":\"remote\"}}}"));
            RoundSummary there = fixture.round();
            assertThat(there.missing()).isZero();
            assertThat(there.claimed()).isEqualTo(3);

            fixture.wishes.set(List.of(digest), 5);
            var _ = fixture.round();
            assertThat(cluster.calls()).last().asString().contains("replication-min=4&replication-max=4");
        }
    }

    @Test
    void round_notPublished_nobodyIsAsked() throws IOException {
        PathInfo info = fixture.path(1);
        fixture.wishes.set(List.of(info.path().digest()), 2);
        try (FakePinService service = new FakePinService()) {
            fixture.service("donor", service.server().root(), null, null);
            assertThat(fixture.round()).isEqualTo(new RoundSummary(1, 1, 2, 0, 0, 2, 0, 0, Map.of()));
            assertThat(service.server().calls()).isEmpty();
        }
    }

    @Test
    void round_publishedAnew_oldManifestIsLetGo() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        Cid before = fixture.manifest(digest);
        try (FakePinService service = new FakePinService()) {
            fixture.service("donor", service.server().root(), null, null);
            var _ = fixture.round();
            assertThat(service.cids()).containsExactly(before);
            Cid after = fixture.publish(fixture.path(1, List.of("other-1:" + "A".repeat(86) + "==")));
            assertThat(after).isNotEqualTo(before);
            assertThat(fixture.round().asked()).isEqualTo(1);
            assertThat(service.cids()).containsExactly(after);
            assertThat(fixture.wish(digest).manifest()).isEqualTo(after);
        }
    }

    @Test
    void round_ownDaemonAway_asksNobody() throws IOException {
        var _ = fixture.wanted(1, 2);
        fixture.fake.on("pin/ls", (call, wire) -> wire.cut());
        try (FakePinService service = new FakePinService()) {
            fixture.service("donor", service.server().root(), null, null);
            assertThatThrownBy(fixture::round).isInstanceOf(IOException.class);
            assertThat(service.cids()).isEmpty();
        }
    }
}
