package dev.narsil.gateway.kubo;

import static dev.narsil.gateway.kubo.KuboFailures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.kubo.KuboException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KuboClientTest {

    private static final Cid ROOT = Cid.hash(Codec.DAG_CBOR, new byte[] {1});
    private static final Cid OTHER = Cid.hash(Codec.DAG_CBOR, new byte[] {2});
    private static final Duration LONG = Duration.ofSeconds(30);

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
    void version_anyCall_isAPostThatLooksLikeNoBrowserAndHasATimeoutOfGo() throws IOException {
        assertThat(kubo.version()).isEqualTo("0.43.0");
        FakeCall call = fake.calls().getFirst();
        assertThat(call.method()).isEqualTo("POST");
        assertThat(call.command()).isEqualTo("version");
        assertThat(call.option("timeout")).isEqualTo("30000ms");
        assertThat(call.header("user-agent")).isEqualTo("narsil");
        assertThat(call.headers()).doesNotContainKeys("origin", "referer", "authorization");
    }

    @Test
    void version_emptyAnswerOfStatus200_isNoAnswer() {
        fake.on("version", (call, wire) -> wire.nothing());
        assertThat(failure(Kind.UNINTELLIGIBLE, kubo::version)).hasMessageContaining("did not run");
    }

    @Test
    void version_emptyOutput_isNoAnswer() {
        fake.on("version", (call, wire) -> wire.begin(FakeKubo.JSON).end());
        failure(Kind.UNINTELLIGIBLE, kubo::version);
    }

    @Test
    void version_otherSoftware_isNoAnswer() {
        fake.on(
                "version",
                (call, wire) -> wire.begin("text/html").line("<html>").end());
        failure(Kind.UNINTELLIGIBLE, kubo::version);
        fake.on("version", (call, wire) -> wire.json("{\"Version\":7}"));
        assertThat(failure(Kind.UNINTELLIGIBLE, kubo::version)).hasMessageContaining("Version");
        fake.on("version", (call, wire) -> wire.error(301, "text/html", "moved"));
        assertThat(failure(Kind.UNINTELLIGIBLE, kubo::version)).hasMessageContaining("301");
    }

    @Test
    void version_endlessAnswer_isGivenUp() {
        fake.on("version", (call, wire) -> {
            wire.begin(FakeKubo.JSON);
            while (true) {
                wire.chunk(new byte[1 << 16]);
            }
        });
        assertThat(failure(Kind.UNINTELLIGIBLE, kubo::version)).hasMessageContaining("more than");
    }

    @Test
    void version_unknownCommand_isToldAsSuch() {
        fake.on("version", (call, wire) -> wire.error(404, "text/plain", "404 page not found"));
        failure(Kind.UNKNOWN_COMMAND, kubo::version);
    }

    @Test
    void version_failure_hasTheWordsOfTheDaemonInOneLine() {
        fake.on("version", (call, wire) -> wire.failure("first\\nsecond " + "x".repeat(9999)));
        assertThat(failure(Kind.FAILED, kubo::version)).hasMessageContaining("version: first second xxx");
        fake.on("version", (call, wire) -> wire.error(400, "text/plain", "argument \"key\" is required"));
        assertThat(failure(Kind.FAILED, kubo::version)).hasMessageContaining("is required");
        fake.on("version", (call, wire) -> wire.error(500, FakeKubo.JSON, "{broken"));
        assertThat(failure(Kind.FAILED, kubo::version)).hasMessageContaining("{broken");
    }

    @Test
    void version_errorInTheTrailer_isAFailure() {
        fake.on(
                "version",
                (call, wire) -> wire.begin(FakeKubo.JSON)
                        .line("{\"Version\":\"0.43.0\"}")
                        .endWithError("lost the database"));
        assertThat(failure(Kind.FAILED, kubo::version)).hasMessageContaining("lost the database");
    }

    @Test
    void version_secretWanted_isSentAndNeverTold() throws IOException {
        fake.wanting("Bearer s3cret");
        assertThat(failure(Kind.REFUSED, kubo::version)).hasMessageContaining("none is configured");
        ApiSecret wrong = ApiSecret.parse("bearer:wr0ng");
        try (KuboClient other = fake.client(wrong, KuboLimits.DEFAULT)) {
            assertThat(failure(Kind.REFUSED, other::version))
                    .hasMessageContaining("not the right one")
                    .hasMessageNotContaining("wr0ng");
        }
        try (KuboClient other = fake.client(ApiSecret.parse("bearer:s3cret"), KuboLimits.DEFAULT)) {
            assertThat(other.version()).isEqualTo("0.43.0");
        }
        KuboOptions options = new KuboOptions(fake.address(), wrong, KuboLimits.DEFAULT);
        assertThat(options.toString()).doesNotContain("wr0ng");
    }

    @Test
    void version_nobodyListens_isUnreachable() throws IOException {
        ApiAddress address;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = ApiAddress.parse("http://127.0.0.1:" + free.getLocalPort());
        }
        try (KuboClient other = KuboClient.open(new KuboOptions(address, null, KuboLimits.DEFAULT))) {
            assertThat(failure(Kind.UNREACHABLE, other::version)).hasMessageContaining(address.toString());
        }
    }

    @Test
    void version_connectionCut_isUnreachable() {
        fake.on("version", (call, wire) -> wire.cut());
        failure(Kind.UNREACHABLE, kubo::version);
        fake.on("version", (call, wire) -> {
            wire.begin(FakeKubo.JSON).chunk(new byte[] {'{'});
            wire.cut();
        });
        failure(Kind.UNREACHABLE, kubo::version);
    }

    @Test
    void version_daemonHangs_isGivenUpSoonAfterItsTimeAndCancelled() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(2);
        fake.on("version", (call, wire) -> hang(wire, cancelled));
        try (KuboClient hasty = fake.client(null, FakeKubo.limits(Duration.ofMillis(100)))) {
            failure(Kind.LATE, hasty::version);
            fake.on("version", (call, wire) -> hang(wire.begin(FakeKubo.JSON).chunk(new byte[] {'{'}), cancelled));
            failure(Kind.LATE, hasty::version);
        }
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void version_interrupted_cancelsTheCall() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        fake.on("version", (call, wire) -> {
            begun.countDown();
            hang(wire, cancelled);
        });
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                kubo.version();
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void hang(FakeWire wire, CountDownLatch cancelled) throws IOException {
        try {
            wire.hang();
        } finally {
            cancelled.countDown();
        }
    }

    @Test
    void version_manyCalls_shareConnections() throws IOException {
        for (int i = 0; i < 20; i++) {
            kubo.version();
        }
        // one may be asked for before the last one is back
        assertThat(fake.connectionsAccepted()).isLessThan(10);
    }

    @Test
    void version_afterClose_isUnreachable() {
        kubo.close();
        failure(Kind.UNREACHABLE, kubo::version);
    }

    @Test
    void pins_lines_areToldOneByOne() throws IOException {
        fake.on("pin/ls", (call, wire) -> {
            assertThat(call.options()).containsEntry("stream", List.of("true"));
            wire.begin(FakeKubo.JSON)
                    .line("{\"Cid\":\"QmX\",\"Type\":\"recursive\"}")
                    .chunk("{\"Cid\":\"bafy\",\"Type\":\"recur".getBytes(StandardCharsets.UTF_8))
                    .line("sive\",\"Name\":\"a b\"}")
                    .end();
        });
        List<KuboPin> pins = new ArrayList<>();
        kubo.pins(LONG, pins::add);
        assertThat(pins).containsExactly(new KuboPin("QmX", ""), new KuboPin("bafy", "a b"));
    }

    @Test
    void pins_none_isNoFailure() throws IOException {
        fake.on("pin/ls", (call, wire) -> wire.begin(FakeKubo.JSON).end());
        List<KuboPin> pins = new ArrayList<>();
        kubo.pins(LONG, pins::add);
        assertThat(pins).isEmpty();
    }

    @Test
    void pins_errorAfterSome_isAFailure() {
        fake.on(
                "pin/ls",
                (call, wire) ->
                        wire.begin(FakeKubo.JSON).line("{\"Cid\":\"QmX\"}").endWithError("context deadline exceeded"));
        List<KuboPin> pins = new ArrayList<>();
        failure(Kind.LATE, () -> kubo.pins(LONG, pins::add));
        assertThat(pins).hasSize(1);
    }

    @Test
    void pins_endlessLine_isGivenUp() {
        fake.on("pin/ls", (call, wire) -> {
            wire.begin(FakeKubo.JSON);
            while (true) {
                wire.chunk(new byte[1 << 12]);
            }
        });
        assertThat(failure(Kind.UNINTELLIGIBLE, () -> kubo.pins(LONG, pin -> {})))
                .hasMessageContaining("a line of more than");
    }

    @Test
    void unpin_pinnedOrNot_tellsWhich() throws IOException {
        fake.pins().add(ROOT.toString());
        assertThat(kubo.unpin(ROOT)).isTrue();
        assertThat(kubo.unpin(ROOT)).isFalse();
    }

    @Test
    void isPinned_pinnedOrNot_tellsWhich() throws IOException {
        fake.on("pin/ls", (call, wire) -> wire.json("{\"Keys\":{\"" + ROOT + "\":{\"Type\":\"recursive\"}}}"));
        assertThat(kubo.isPinned(ROOT)).isTrue();
        fake.on("pin/ls", (call, wire) -> wire.failure("path '" + ROOT + "' is not pinned"));
        assertThat(kubo.isPinned(ROOT)).isFalse();
        fake.on("pin/ls", (call, wire) -> wire.failure("the disk is gone"));
        failure(Kind.FAILED, () -> kubo.isPinned(ROOT));
    }

    @Test
    void updatePin_twoRoots_areSentInOrder() throws IOException {
        fake.on("pin/update", (call, wire) -> wire.json("{\"Pins\":[\"" + ROOT + "\",\"" + OTHER + "\"]}"));
        kubo.updatePin(ROOT, OTHER, LONG);
        assertThat(fake.calls().getFirst().options())
                .containsEntry("arg", List.of(ROOT.toString(), OTHER.toString()))
                .containsEntry("unpin", List.of("true"));
    }

    @Test
    void updatePin_newRootPinnedAlready_unpinsTheOld() throws IOException {
        fake.pins().add(ROOT.toString());
        fake.pins().add(OTHER.toString());
        fake.on("pin/update", (call, wire) -> wire.failure("'to' cid was already recursively pinned"));
        kubo.updatePin(ROOT, OTHER, LONG);
        assertThat(fake.pins()).containsExactly(OTHER.toString());
        fake.on("pin/update", (call, wire) -> wire.failure("'from' cid was not recursively pinned already"));
        failure(Kind.FAILED, () -> kubo.updatePin(ROOT, OTHER, LONG));
        assertThat(fake.pins()).containsExactly(OTHER.toString());
    }

    @Test
    void config_setOrNot_isTold() throws IOException {
        fake.on("config", (call, wire) -> wire.json("{\"Key\":\"Provide.Strategy\",\"Value\":\"pinned+entities\"}"));
        assertThat(kubo.config("Provide.Strategy")).contains("pinned+entities");
        kubo.setConfig("Provide.Strategy", "pinned+entities");
        assertThat(fake.calls().getLast().options())
                .containsEntry("arg", List.of("Provide.Strategy", "pinned+entities"));
        fake.on(
                "config",
                (call, wire) -> wire.failure("failed to get config value: \\\"Provide.Strategy not found\\\""));
        assertThat(kubo.config("Provide.Strategy")).isEmpty();
    }

    @Test
    void repository_sizeWithoutLimit_isTheLargestNumber() throws IOException {
        fake.on("repo/stat", (call, wire) -> wire.json("{\"RepoSize\":20667,\"StorageMax\":18446744073709551615}"));
        assertThat(kubo.repository()).isEqualTo(new KuboRepository(20667, Long.MAX_VALUE));
    }

    @Test
    void identity_answer_isRead() throws IOException {
        fake.on(
                "id",
                (call, wire) -> wire.json("{\"ID\":\"12D3\",\"Addresses\":null,\"AgentVersion\":\"kubo/0.43.0/\"}"));
        assertThat(kubo.identity()).isEqualTo(new KuboIdentity("12D3", List.of(), "kubo/0.43.0/"));
    }

    @Test
    void pin_nameTooLong_isRefusedBeforeItIsSent() {
        assertThatThrownBy(() -> kubo.pin(ROOT, "ä".repeat(128), LONG, count -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(fake.calls()).isEmpty();
    }
}
