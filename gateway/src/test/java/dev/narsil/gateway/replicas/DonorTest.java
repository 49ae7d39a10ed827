package dev.narsil.gateway.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.replicas.DonorException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pinning services and clusters over sockets, good ones and bad ones. */
@Timeout(120)
class DonorTest {

    private static final Cid CID = Cid.hash(Codec.DAG_CBOR, new byte[] {1});
    private static final Pin PIN = new Pin(CID, "a name", List.of("/ip4/192.0.2.1/tcp/4001/p2p/12D3KooW"));
    private static final DonorHttp.Pace QUICK =
            new DonorHttp.Pace(Duration.ofSeconds(2), Duration.ZERO, Duration.ofMillis(2), Duration.ofMillis(50));

    @TempDir
    private Path folder;

    private Donors donors(ScriptedDonor server, DonorOptions.Kind kind) throws IOException {
        Path key = folder.resolve("key");
        Files.writeString(key, "geheim\n");
        DonorOptions options = new DonorOptions(kind, "friend", server.root().resolve("v1/"), key, null);
        return Donors.open(List.of(options), QUICK, 3);
    }

    private static void failure(Kind kind, ThrowingCallable call) {
        DonorException thrown = Objects.requireNonNull(catchThrowableOfType(DonorException.class, call));
        assertThat(thrown.kind()).as(thrown.getMessage()).isEqualTo(kind);
        assertThat(thrown).hasMessageStartingWith("friend: ").hasMessageNotContaining("geheim");
    }

    private static Cid cid(int i) {
        return Cid.hash(Codec.DAG_CBOR, new byte[] {2, (byte) i});
    }

    @Test
    void service_listOfManyPages_isReadWhole() throws IOException {
        try (FakePinService service = new FakePinService();
                Donors donors = donors(service.server(), DonorOptions.Kind.PIN_SERVICE)) {
            for (int i = 0; i < 8; i++) {
                service.add(new Pin(cid(i), "", List.of()));
            }
            Donor donor = donors.all().getFirst();
            donor.begin(Set.of(cid(0), cid(7), CID));
            assertThat(service.server().calls()).hasSize(3);
            assertThat(donor.look(cid(0))).isPresent();
            assertThat(donor.look(cid(7)).map(Holding::state)).contains(PinState.PINNED);
            assertThat(donor.look(cid(3))).as("not wanted").isEmpty();
            assertThat(donor.look(CID)).isEmpty();
        }
    }

    @Test
    void service_askedAndReleased_hearsOfBothWithTheSecret() throws IOException {
        AtomicInteger authorized = new AtomicInteger();
        try (FakePinService service = new FakePinService();
                ScriptedDonor server = new ScriptedDonor(call -> {
                    if (call.header("Authorization").equals("Bearer geheim")) {
                        authorized.incrementAndGet();
                    }
                    call.location(service.server().root().toString());
                    call.reply(302, "");
                });
                Donors redirected = donors(server, DonorOptions.Kind.PIN_SERVICE);
                Donors donors = donors(service.server(), DonorOptions.Kind.PIN_SERVICE)) {
            Donor donor = donors.all().getFirst();
            Holding holding = donor.ask(PIN, 1);
            assertThat(holding.state()).isEqualTo(PinState.PINNED);
            assertThat(service.cids()).containsExactly(CID);
            assertThat(donor.ask(PIN, 1)).as("not asked twice").isEqualTo(holding);
            assertThat(service.cids()).hasSize(1);
            donor.release(holding.requestId(), CID);
            assertThat(service.cids()).isEmpty();
            donor.release(holding.requestId(), CID);

            failure(Kind.UNINTELLIGIBLE, () -> redirected.all().getFirst().ask(PIN, 1));
            assertThat(authorized).hasValue(1);
        }
    }

    @Test
    void service_sameFullPageForEver_isNoAnswer() throws IOException {
        String page = """
                {"count":100,"results":[{"requestid":"1","status":"pinned","created":"2026-11-21T12:00:00Z",
                 "pin":{"cid":"%s"},"delegates":[]}]}""".formatted(CID);
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(200, page));
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            failure(Kind.UNINTELLIGIBLE, () -> donors.all().getFirst().begin(Set.of(CID)));
            assertThat(server.calls()).hasSize(2);
        }
    }

    @Test
    void service_pinsOfOthersThatCannotBeRead_arePassedOver() throws IOException {
        String page = """
                {"count":2,"results":[{"requestid":"1","status":"pinned","created":"2026-11-21T12:00:00Z",
                 "pin":{"cid":"bafk4strange","meta":{"n":{}}}},{"requestid":"2","status":"pinning",
                 "created":"2026-11-21T12:00:01Z","pin":{"cid":"%s"},"delegates":[]}]}""".formatted(CID);
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(200, page));
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            Donor donor = donors.all().getFirst();
            donor.begin(Set.of(CID));
            assertThat(donor.look(CID).map(Holding::state)).contains(PinState.PINNING);
        }
    }

    @ParameterizedTest
    @CsvSource({"503, 0", "429, 0", "500, x", "408, ''"})
    void service_busyTwice_isAskedAgain(int status, String retryAfter) throws IOException {
        AtomicInteger calls = new AtomicInteger();
        try (FakePinService service = new FakePinService();
                ScriptedDonor server = new ScriptedDonor(call -> {
                    if (calls.incrementAndGet() <= 2) {
                        call.retryAfter(retryAfter);
                        call.reply(status, "");
                    } else {
                        call.reply(200, "{\"count\":0,\"results\":[]}");
                    }
                });
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            donors.all().getFirst().begin(Set.of(CID));
            assertThat(calls).hasValue(3);
            assertThat(service.cids()).isEmpty();
        }
    }

    @Test
    void service_alwaysFailing_isGivenUpAfterSomeAttempts() throws IOException {
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(502, "<html>"));
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            failure(Kind.AWAY, () -> donors.all().getFirst().begin(Set.of(CID)));
            assertThat(server.calls()).hasSize(DonorHttp.MAX_ATTEMPTS);
            server.script(ScriptedDonor.Call::cut);
            failure(Kind.AWAY, () -> donors.all().getFirst().begin(Set.of(CID)));
        }
    }

    @Test
    void service_wantsToBeLeftAloneForLong_isNotAskedAgain() throws IOException {
        try (ScriptedDonor server = new ScriptedDonor(call -> {
                    call.retryAfter("3600");
                    call.reply(429, "");
                });
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            failure(Kind.AWAY, () -> donors.all().getFirst().begin(Set.of(CID)));
            assertThat(server.calls()).hasSize(1);
        }
    }

    @Test
    void service_neverAnswering_isGivenUp() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Path key = folder.resolve("none");
        Files.writeString(key, "geheim");
        try (ScriptedDonor server = new ScriptedDonor(call -> await(end))) {
            DonorOptions options = new DonorOptions(DonorOptions.Kind.PIN_SERVICE, "friend", server.root(), key, null);
            DonorHttp.Pace pace = new DonorHttp.Pace(
                    Duration.ofMillis(100), Duration.ZERO, Duration.ofMillis(1), Duration.ofMillis(1));
            try (Donors donors = Donors.open(List.of(options), pace, 3)) {
                failure(Kind.AWAY, () -> donors.all().getFirst().begin(Set.of(CID)));
            }
            end.countDown();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            var _ = latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, REFUSED",
        "403, REFUSED",
        "409, FULL",
        "400, UNWILLING",
        "404, UNINTELLIGIBLE",
        "301, UNINTELLIGIBLE"
    })
    void service_refusing_isToldByItsKind(int status, Kind kind) throws IOException {
        String body = "{\"error\":{\"reason\":\"A_REASON\",\"details\":\"more\\nwords\"}}";
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(status, body));
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            failure(kind, () -> donors.all().getFirst().ask(PIN, 1));
            assertThatThrownBy(() -> donors.all().getFirst().ask(PIN, 1)).hasMessageContaining("A_REASON: more words");
            assertThat(server.calls()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "nothing",
                "{\"requestid\":\"1\",\"status\":\"pinned\",\"created\":\"2026-11-21T12:00:00Z\","
                        + "\"pin\":{\"cid\":\"bafkqaaa\"},\"delegates\":[]}"
            })
    void service_answeringNonsense_isNoService(String body) throws IOException {
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(200, body));
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            failure(Kind.UNINTELLIGIBLE, () -> donors.all().getFirst().ask(PIN, 1));
            failure(Kind.UNINTELLIGIBLE, () -> donors.all().getFirst().begin(Set.of(CID)));
        }
    }

    @Test
    void service_answeringTooMuch_isCut() throws IOException {
        byte[] large = "x".repeat(300 << 10).getBytes(StandardCharsets.US_ASCII);
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(202, large));
                Donors donors = donors(server, DonorOptions.Kind.PIN_SERVICE)) {
            failure(Kind.UNINTELLIGIBLE, () -> donors.all().getFirst().ask(PIN, 1));
        }
    }

    @Test
    void cluster_askedForCopies_isAskedAsItsApiWants() throws IOException {
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(200, "{}"));
                Donors donors = donors(server, DonorOptions.Kind.CLUSTER)) {
            Donor donor = donors.all().getFirst();
            assertThat(donor.ask(PIN, 2).state()).isEqualTo(PinState.QUEUED);
            donor.release("", CID);
            assertThat(server.calls())
                    .containsExactly(
                            "POST /v1/pins/" + CID + "?name=a%20name&replication-min=2&replication-max=2"
                                    + "&origins=%2Fip4%2F192.0.2.1%2Ftcp%2F4001%2Fp2p%2F12D3KooW",
                            "DELETE /v1/pins/" + CID);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pinned, pinned, PINNED, 2",
        "pinned, remote, PINNED, 1",
        "pinned, pinning, PINNED, 1",
        "pin_queued, remote, PINNING, 0",
        "pin_error, remote, FAILED, 0",
        "pin_error, pinned, PINNED, 1"
    })
    void cluster_peers_areCounted(String one, String other, PinState state, int copies) throws IOException {
        String pin = "{\"cid\":\"" + CID + "\",\"peer_map\":{\"12D3A\":{\"status\":\"" + one
                + "\",\"error\":\"\"},\"12D3B\":{\"status\":\"" + other + "\"}}}";
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(200, pin));
                Donors donors = donors(server, DonorOptions.Kind.CLUSTER)) {
            Holding holding = donors.all().getFirst().look(CID).orElseThrow();
            assertThat(holding.state()).isEqualTo(state);
            assertThat(holding.copies()).isEqualTo(copies);
        }
    }

    @Test
    void cluster_pinThatItDoesNotHave_isNone() throws IOException {
        String pin = "{\"cid\":\"" + CID + "\",\"peer_map\":{\"12D3A\":{\"status\":\"unpinned\"}}}";
        try (ScriptedDonor server = new ScriptedDonor(call -> call.reply(200, pin));
                Donors donors = donors(server, DonorOptions.Kind.CLUSTER)) {
            assertThat(donors.all().getFirst().look(CID)).isEmpty();
            server.script(call -> call.reply(404, "{\"code\":404,\"message\":\"not found\"}"));
            assertThat(donors.all().getFirst().look(CID)).isEmpty();
            server.script(call -> call.reply(200, "{\"peer_map\":[]}"));
            failure(Kind.UNINTELLIGIBLE, () -> donors.all().getFirst().look(CID));
        }
    }

    @Test
    void options_text_isRead() {
        Path at = Path.of("/etc/narsil");
        DonorOptions read = DonorOptions.parse(
                DonorOptions.Kind.PIN_SERVICE,
                "friend=https://cache.example.org/api/v1?key-file=friend%20key&gateway=http://192.0.2.1:8080",
                at);
        assertThat(read.name()).isEqualTo("friend");
        assertThat(read.root()).hasToString("https://cache.example.org/api/v1/");
        assertThat(read.secretFile()).isEqualTo(Path.of("/etc/narsil/friend key"));
        assertThat(read.gateway()).hasToString("http://192.0.2.1:8080/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "friend",
                "=http://x",
                "a b=http://x",
                "friend=ftp://x",
                "friend=http://",
                "friend=http://me:geheim@x",
                "friend=http://x?gateway=x",
                "friend=http://x?gateway=http://a&gateway=http://b",
                "friend=http://x?key-fil=x",
                "friend=http://x#y"
            })
    void options_anythingElse_isRefusedWithoutSecrets(String text) {
        assertThatThrownBy(() -> DonorOptions.parse(DonorOptions.Kind.CLUSTER, text, Path.of("/")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("geheim");
    }

    @FuzzTest
    void options_anyText_isRefusedOrRead(byte[] data) {
        try {
            DonorOptions read = DonorOptions.parse(
                    DonorOptions.Kind.CLUSTER, new String(data, StandardCharsets.UTF_8), Path.of("/"));
            assertThat(read.root().toString()).endsWith("/");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }
}
