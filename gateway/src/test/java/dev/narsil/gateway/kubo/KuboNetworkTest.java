package dev.narsil.gateway.kubo;

import static dev.narsil.gateway.kubo.KuboFailures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.kubo.KuboException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KuboNetworkTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Cid ROOT = Cid.hash(Codec.DAG_CBOR, new byte[] {1});
    private static final String FOUND =
            "{\"ID\":\"\",\"Responses\":[{\"Addrs\":[\"/ip4/1.2.3.4/tcp/4001\"],\"ID\":\"12D3%d\"}],\"Type\":4}";

    private FakeKubo fake;
    private KuboClient kubo;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeKubo();
        kubo = fake.client();
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
    }

    @Test
    void connect_failure_isTold() throws IOException {
        fake.on("swarm/connect", (call, wire) -> wire.json("{\"Strings\":[\"connect 12D3 success\"]}"));
        kubo.network().connect("/ip4/127.0.0.1/tcp/4001/p2p/12D3");
        assertThat(fake.calls().getFirst().arg()).isEqualTo("/ip4/127.0.0.1/tcp/4001/p2p/12D3");
        fake.on("swarm/connect", (call, wire) -> wire.failure("connect 12D3 failure: all dials failed"));
        failure(Kind.FAILED, () -> kubo.network().connect("/ip4/127.0.0.1/tcp/4001/p2p/12D3"));
    }

    @Test
    void peers_someOrNone_areTold() throws IOException {
        fake.on("swarm/peers", (call, wire) -> wire.json("{\"Peers\":null}"));
        assertThat(kubo.network().peers()).isEmpty();
        fake.on(
                "swarm/peers",
                (call, wire) -> wire.json("{\"Peers\":[{\"Addr\":\"/ip4/1.2.3.4/tcp/1\",\"Peer\":\"12D3\"}]}"));
        assertThat(kubo.network().peers()).containsExactly(new NetworkPeer("12D3", List.of("/ip4/1.2.3.4/tcp/1")));
    }

    @Test
    void providers_events_areThoseOfTheirKindOnly() throws IOException {
        fake.on(
                "routing/findprovs",
                (call, wire) -> wire.begin(FakeKubo.JSON)
                        .line("{\"Extra\":\"\",\"ID\":\"x\",\"Responses\":null,\"Type\":0}")
                        .line(FOUND.formatted(1))
                        .line(FOUND.formatted(2))
                        .end());
        assertThat(kubo.network().providers(ROOT, 10, LONG))
                .extracting(NetworkPeer::peerId)
                .containsExactly("12D31", "12D32");
    }

    @Test
    void providers_endlessAnswer_endsWithEnough() throws IOException {
        fake.on("routing/findprovs", (call, wire) -> {
            wire.begin(FakeKubo.JSON);
            for (int i = 0; true; i++) {
                wire.line(FOUND.formatted(i));
            }
        });
        assertThat(kubo.network().providers(ROOT, 3, LONG)).hasSize(3);
    }

    @Test
    void providers_timeOver_tellsThoseFound() throws IOException {
        fake.on(
                "routing/findprovs",
                (call, wire) ->
                        wire.begin(FakeKubo.JSON).line(FOUND.formatted(1)).endWithError("context deadline exceeded"));
        assertThat(kubo.network().providers(ROOT, 3, LONG)).hasSize(1);
        fake.on(
                "routing/findprovs",
                (call, wire) -> wire.begin(FakeKubo.JSON).endWithError("context deadline exceeded"));
        failure(Kind.LATE, () -> kubo.network().providers(ROOT, 3, LONG));
    }

    @Test
    void names_publishedAndResolved_areRead() throws IOException {
        fake.on("name/publish", (call, wire) -> wire.json("{\"Name\":\"k51x\",\"Value\":\"/ipfs/" + ROOT + "\"}"));
        fake.on("name/resolve", (call, wire) -> wire.json("{\"Path\":\"/ipfs/" + ROOT + "\"}"));
        assertThat(kubo.network().publishName("index", ROOT, Duration.ofDays(2), Duration.ofMinutes(5), LONG))
                .isEqualTo("k51x");
        assertThat(fake.calls().getFirst().options())
                .containsEntry("arg", List.of("/ipfs/" + ROOT))
                .containsEntry("key", List.of("index"))
                .containsEntry("lifetime", List.of("172800s"))
                .containsEntry("ttl", List.of("300s"));
        assertThat(kubo.network().resolveName("k51x", LONG)).isEqualTo("/ipfs/" + ROOT);
    }
}
