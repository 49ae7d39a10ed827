package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.cut;
import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static dev.narsil.gateway.upstream.UpstreamsFixture.LIMITS;
import static dev.narsil.gateway.upstream.UpstreamsFixture.PATH;
import static dev.narsil.gateway.upstream.UpstreamsFixture.await;
import static dev.narsil.gateway.upstream.UpstreamsFixture.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What upstreams say of a path, and what is made of it. */
class UpstreamsTest {

    @TempDir
    private Path directory;

    private UpstreamsFixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new UpstreamsFixture(directory);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void narInfo_upstreamHasIt_isWhatItSays() {
        fixture.first.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(PATH.text());
        assertThat(fixture.second.requests()).isEmpty();
        assertThat(fixture.state(fixture.first).hits()).isOne();
    }

    @Test
    void narInfo_askedAgain_isRemembered() {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);

        for (int i = 0; i < 10; i++) {
            assertThat(fixture.ask(PATH)).isPresent();
        }
        assertThat(fixture.first.requestsFor(PATH.target())).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410, 403})
    void narInfo_nobodyHasIt_isAbsentAndNotAskedAgain(int status) {
        fixture.first.otherwise(status(status, "no"));
        fixture.second.otherwise(status(404, "no"));

        for (int i = 0; i < 5; i++) {
            assertThat(fixture.ask(PATH)).isEmpty();
        }
        assertThat(fixture.first.requestsFor(PATH.target())).isOne();
        assertThat(fixture.second.requestsFor(PATH.target())).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 429, 401, 400, 204})
    void narInfo_oneFailsAndTheOtherDoesNotHaveIt_isAskedAgain(int status) {
        fixture.first.otherwise(status(status, "trouble"));

        assertThat(fixture.ask(PATH)).isEmpty();
        fixture.second.on(PATH.target(), ok(PATH.text()));
        assertThat(fixture.ask(PATH)).isPresent();
    }

    @Test
    void narInfo_nobodyListens_isAskedAgain() throws IOException {
        int port = fixture.first.port();
        fixture.first.close();
        fixture.second.close();

        assertThat(fixture.ask(PATH)).isEmpty();
        try (FaultyUpstream back = new FaultyUpstream(port)) {
            back.on(PATH.target(), ok(PATH.text()));
            assertThat(fixture.ask(PATH)).isPresent();
        }
    }

    @Test
    void narInfo_theFirstDoesNotHaveIt_theSecondIsAsked() {
        fixture.second.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.first.requestsFor(PATH.target())).isOne();
        assertThat(fixture.state(fixture.second).hedged()).isZero();
    }

    @Test
    void narInfo_connectionBreaksAndNobodyElseHasIt_isAskedAgain() {
        byte[] text = PATH.text().getBytes(StandardCharsets.ISO_8859_1);
        AtomicInteger requests = new AtomicInteger();
        fixture.first.on(PATH.target(), (request, out) -> {
            boolean cut = requests.incrementAndGet() < Search.MAX_TURNS;
            (cut ? cut(text, text.length / 2) : ok(text)).answer(request, out);
        });

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(requests).hasValue(Search.MAX_TURNS);
        assertThat(fixture.second.requestsFor(PATH.target())).isOne();
    }

    @Test
    void narInfo_connectionBreaksAgainAndAgain_isNotRememberedAsAbsent() {
        fixture.first.on(PATH.target(), cut(PATH.text().getBytes(StandardCharsets.ISO_8859_1), 10));

        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(fixture.first.requestsFor(PATH.target())).isEqualTo(Search.MAX_TURNS);
        fixture.first.on(PATH.target(), ok(PATH.text()));
        assertThat(fixture.ask(PATH)).isPresent();
    }

    @Test
    void narInfo_connectionBreaksOnceAndItIsNotThere_isAbsent() {
        AtomicInteger requests = new AtomicInteger();
        fixture.first.on(PATH.target(), (request, out) -> {
            (requests.incrementAndGet() == 1 ? cut(new byte[100], 10) : status(404, "no")).answer(request, out);
        });

        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(requests).hasValue(2);
        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(requests).hasValue(2);
    }

    @Test
    void narInfo_lyingUpstream_isSkippedAndCounted() {
        SignedPath other = SignedPath.of(2);
        List<String> lies = List.of(
                PATH.text().replaceFirst("NarSize: .*", "NarSize: 7"),
                PATH.text().replaceFirst("Sig: .*\n", ""),
                PATH.text().replaceFirst("Sig: test-1", "Sig: other-1"),
                other.text());
        for (String lie : lies) {
            fixture.first.on(PATH.target(), ok(lie));
            assertThat(fixture.ask(PATH)).as(lie).isEmpty();
        }
        fixture.second.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(PATH.text());
        assertThat(fixture.state(fixture.first).lies()).isEqualTo(lies.size() + 1);
        assertThat(fixture.state(fixture.first).breaker()).isEqualTo("closed");
    }

    @Test
    void narInfo_textThatIsNoNarInfo_isSkippedAndNotRemembered() {
        List<String> texts = List.of(
                "",
                "<html>",
                PATH.text().replace("/nix/store/", "/gnu/store/"),
                PATH.text().replaceFirst("References: ", "References: nonsense"),
                PATH.text().replaceFirst("URL: ", "URL: ftp://elsewhere/"),
                PATH.text().replaceFirst("Compression: none", "Compression: unheard-of"),
                "x".repeat(NarInfo.MAX_BYTES + 1));
        for (String text : texts) {
            fixture.first.on(PATH.target(), ok(text));
            assertThat(fixture.ask(PATH)).isEmpty();
        }
        fixture.first.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.state(fixture.first).failures()).isEqualTo(texts.size());
    }

    @Test
    void narInfo_unsignedFromOneThatIsTrusted_isPassedOn() throws IOException {
        fixture.restart(LIMITS, UpstreamOptions.parse(fixture.first.url() + "?trust-unsigned=true"));
        String unsigned = PATH.text().replaceFirst("Sig: .*\n", "");
        fixture.first.on(PATH.target(), ok(unsigned));

        assertThat(fixture.ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(unsigned);
    }

    @Test
    void narInfo_redirected_isFollowedWithoutCredentials() throws IOException {
        fixture.restart(
                LIMITS,
                UpstreamOptions.parse(fixture.first.url().replace("http://", "http://user:secret@") + "?trusted-key="
                        + SignedPath.KEY.publicKey()));
        fixture.first.on(PATH.target(), status(302, "", "Location: /here"));
        fixture.first.on("/here", status(307, "", "Location: " + fixture.second.url() + "/there"));
        fixture.second.on("/there", ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.first.requests())
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isEqualTo("Basic dXNlcjpzZWNyZXQ="));
        assertThat(fixture.second.requests())
                .hasSize(1)
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isNull());
    }

    @Test
    void narInfo_redirectedForEver_comesFromTheOther() {
        fixture.first.otherwise(status(301, "", "Location: " + PATH.target()));
        fixture.second.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.state(fixture.first).failures()).isOne();
    }

    @Test
    void warmUp_upstreams_areConnectedToAndNotCounted() {
        fixture.upstreams().warmUp();
        awaitThat(() -> fixture.first.requestsFor("/nix-cache-info") == 1
                && fixture.second.requestsFor("/nix-cache-info") == 1);

        assertThat(fixture.upstreams().states()).allSatisfy(state -> {
            assertThat(state.asked()).isZero();
            assertThat(state.failures()).isZero();
            assertThat(state.breaker()).isEqualTo("closed");
        });
    }

    @Test
    void rehearsal_always_succeeds() {
        new Rehearsal(StoreDir.DEFAULT).run();
        new Rehearsal(new StoreDir("/gnu/store")).run();
    }

    @Test
    void states_always_areInOrderOfPriority() {
        assertThat(fixture.upstreams().states())
                .map(UpstreamState::url)
                .isEqualTo(Arrays.asList(fixture.first.url(), fixture.second.url()));
    }

    @Test
    void close_whileSearching_answers() throws IOException {
        fixture.first.otherwise(fixture.first.hang());
        CompletableFuture<Optional<NarInfo>> wanted = fixture.upstreams().narInfo(PATH.digest());
        awaitThat(() -> fixture.first.requests().size() == 1);

        fixture.upstreams().close();

        assertThat(await(wanted)).isEmpty();
        assertThat(fixture.ask(SignedPath.of(3))).isEmpty();
    }
}
