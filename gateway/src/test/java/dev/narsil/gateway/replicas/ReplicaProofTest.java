package dev.narsil.gateway.replicas;

import static dev.narsil.gateway.replicas.ReplicaFixture.NOON;
import static dev.narsil.gateway.replicas.ReplicaFixture.PEER;
import static dev.narsil.gateway.replicas.ReplicaFixture.gateway;
import static org.assertj.core.api.Assertions.assertThat;

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

/** Which copies count: what rounds see of the blocks that donors have. */
@Timeout(120)
class ReplicaProofTest {

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
    void round_twoCopiesWanted_aNarsilIsAskedAndItsBlocksAreSeen() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (ReplicaFixture.Friend friend = fixture.new Friend(100_000_000)) {
            RoundSummary first = fixture.round();
            assertThat(first.asked()).isEqualTo(1);
            assertThat(first.wanted()).isEqualTo(2);
            assertThat(first.failures()).isEmpty();
            friend.awaitSettled();
            RoundSummary second = fixture.round();

            assertThat(second).isEqualTo(new RoundSummary(1, 0, 2, 2, 0, 0, 0, 0, Map.of()));
            assertThat(friend.daemon.pins())
                    .containsExactly(String.valueOf(fixture.wish(digest).manifest()));
            assertThat(fixture.replica(digest, "friend").state()).isEqualTo(State.VERIFIED);
            assertThat(fixture.replica(digest, "friend").verified()).isEqualTo(NOON);
            assertThat(friend.daemon.calls().stream()
                            .filter(call -> call.command().equals("swarm/connect")))
                    .singleElement()
                    .satisfies(call -> assertThat(call.arg()).isEqualTo(PEER));

            fixture.wishes.set(List.of(digest), 0);
            assertThat(fixture.round().paths()).isZero();
            assertThat(fixture.wishes.find(digest)).isEmpty();
            assertThat(friend.pins.count(PinState.PINNED)).isZero();
        }
    }

    @Test
    void round_donorLostItsBlocks_anotherIsAskedAtOnce() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (ReplicaFixture.Friend friend = fixture.new Friend(100_000_000);
                FakePinService other = new FakePinService();
                ScriptedDonor gateway = gateway(fixture.fake)) {
            var _ = fixture.round();
            friend.awaitSettled();
            var _ = fixture.round();
            friend.daemon.blocks().clear();
            fixture.service("other", other.server().root(), null, gateway.root());
            RoundSummary summary = fixture.round();
            assertThat(summary.lost()).isEqualTo(1);
            assertThat(summary.asked()).isEqualTo(1);
            assertThat(summary.missing()).isZero();
            assertThat(fixture.replica(digest, "friend").state()).isEqualTo(State.LOST);
            assertThat(fixture.replica(digest, "friend").details()).contains("HTTP status 412");
            assertThat(fixture.replica(digest, "other").state()).isEqualTo(State.VERIFIED);
        }
    }

    @Test
    void round_donorGivesWrongBytes_doesNotCount() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (FakePinService liar = new FakePinService();
                ScriptedDonor gateway = new ScriptedDonor(call -> call.reply(200, "anything"))) {
            fixture.service("liar", liar.server().root(), null, gateway.root());
            RoundSummary summary = fixture.round();
            assertThat(fixture.replica(digest, "liar").state()).isEqualTo(State.LOST);
            assertThat(fixture.replica(digest, "liar").details()).contains("wrong bytes");
            assertThat(summary.missing()).isEqualTo(1);
        }
    }

    @Test
    void round_gatewayAwayForAWhile_countsForTwoDays() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        try (FakePinService service = new FakePinService();
                ScriptedDonor gateway = gateway(fixture.fake)) {
            fixture.service("donor", service.server().root(), null, gateway.root());
            assertThat(fixture.round().missing()).isZero();
            gateway.script(call -> call.reply(502, ""));
            RoundSummary away = fixture.round(NOON.plus(Duration.ofHours(47)));
            assertThat(away.missing()).isZero();
            assertThat(away.failures()).containsKey("donor");
            assertThat(fixture.replica(digest, "donor").verified()).isEqualTo(NOON);
            assertThat(fixture.round(NOON.plus(Duration.ofHours(49))).missing()).isEqualTo(1);
        }
    }

    @Test
    void round_noGateway_isClaimedAndItsPeerIsLookedFor() throws IOException {
        Digest digest = fixture.wanted(1, 2);
        fixture.fake.on(
                "routing/findprovs",
                (call, wire) -> wire.json("{\"Type\":4,\"Responses\":[{\"ID\":\"12D3KooWTheirs\",\"Addrs\":[]}]}"));
        try (FakePinService service = new FakePinService()) {
            service.delegates(List.of("/dnsaddr/pins.example.org/p2p/12D3KooWTheirs"));
            fixture.service("donor", service.server().root(), null, null);
            RoundSummary summary = fixture.round();
            assertThat(summary.claimed()).isEqualTo(1);
            assertThat(summary.verified()).isEqualTo(1);
            assertThat(fixture.replica(digest, "donor").state()).isEqualTo(State.CLAIMED);
            assertThat(fixture.replica(digest, "donor").verified()).isNull();
            assertThat(fixture.replica(digest, "donor").details())
                    .isEqualTo("the network names its peer 12D3KooWTheirs");
        }
    }
}
