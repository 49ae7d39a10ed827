package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static dev.narsil.gateway.upstream.UpstreamsFixture.IMPATIENT;
import static dev.narsil.gateway.upstream.UpstreamsFixture.LIMITS;
import static dev.narsil.gateway.upstream.UpstreamsFixture.PATH;
import static dev.narsil.gateway.upstream.UpstreamsFixture.awaitThat;
import static dev.narsil.gateway.upstream.UpstreamsFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of paths that are known of an upstream: when it is down, after a restart, and when they are old. */
class KnownPathsTest {

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
    void narInfo_upstreamThatFailsAgainAndAgain_isNotAskedUntilItAnswersAProbe() {
        fixture.first.otherwise(status(500, "trouble"));
        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            fixture.ask(SignedPath.of(100 + i));
        }
        assertThat(fixture.state(fixture.first).breaker()).isEqualTo("open");
        assertThat(fixture.state(fixture.first).lastError()).isEqualTo("HTTP status 500");
        fixture.first.on(PATH.target(), ok(PATH.text()));
        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(fixture.first.requestsFor(PATH.target())).isZero();

        fixture.first.on("/nix-cache-info", ok("StoreDir: /nix/store\n"));
        awaitThat(() -> fixture.state(fixture.first).breaker().equals("closed"));

        assertThat(fixture.ask(PATH)).isPresent();
    }

    @Test
    void narInfo_upstreamAsksForAPause_getsIt() {
        fixture.first.otherwise(status(503, "busy", "Retry-After: 30"));
        fixture.ask(SignedPath.of(2));
        fixture.first.otherwise(ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(fixture.first.requests()).hasSize(1);
        assertThat(fixture.state(fixture.first).breaker()).isEqualTo("open");
    }

    @Test
    void narInfo_rememberedButItsUpstreamIsDown_isNotHandedOut() throws IOException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        fixture.first.clear().otherwise(status(500, "trouble"));
        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            fixture.ask(SignedPath.of(100 + i));
        }

        assertThat(fixture.ask(PATH)).isEmpty();

        byte[] nar = "NAR of 1".getBytes(StandardCharsets.UTF_8);
        try (NarIngest ingest = fixture.store().ingest(PATH.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        assertThat(fixture.ask(PATH)).isPresent();
    }

    @Test
    void narInfo_rememberedButItsUpstreamIsDown_comesFromAnotherOne() {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        fixture.first.clear().otherwise(status(503, "busy", "Retry-After: 30"));
        fixture.ask(SignedPath.of(2));
        fixture.second.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.second.requestsFor(PATH.target())).isOne();
    }

    @Test
    void narInfo_afterARestart_isStillKnown() throws IOException, InterruptedException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        fixture.restart(LIMITS, options(fixture.first, 1), options(fixture.second, 2));

        assertThat(fixture.ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(PATH.text());
        assertThat(fixture.first.requestsFor(PATH.target())).isOne();
        assertThat(fixture.upstreams().knownHolders(PATH.narHash()))
                .map(RemoteNar::upstream)
                .containsExactly(fixture.first.url());
    }

    @Test
    void narInfo_knownOfAnUpstreamThatIsNotTrustedAnyMore_isAskedAnewEachTime()
            throws IOException, InterruptedException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        fixture.restart(LIMITS, options(fixture.second, 1));
        assertThat(fixture.ask(PATH)).isEmpty();

        fixture.restart(
                LIMITS,
                UpstreamOptions.parse(fixture.first.url()
                        + "?trusted-key=cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="));
        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(fixture.ask(PATH)).isEmpty();
        assertThat(fixture.state(fixture.first).lies()).isEqualTo(2);
        assertThat(fixture.upstreams().knownHolders(PATH.narHash())).isEmpty();
        assertThat(fixture.upstreams().holders(PATH.narHash()).now()).isEmpty();
    }

    @Test
    void narInfo_old_isAskedAnewAndReplaced() throws IOException {
        fixture.restart(LIMITS.withTtl(Duration.ZERO, Duration.ZERO), options(fixture.first, 1));
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        SignedPath rebuilt = SignedPath.of(1, "another NAR");
        fixture.first.on(PATH.target(), ok(rebuilt.text()));

        assertThat(fixture.ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(rebuilt.text());
    }

    @Test
    void narInfo_oldAndTheUpstreamDoesNotAnswer_isWhatWasKnown() throws IOException {
        fixture.restart(IMPATIENT.withTtl(Duration.ZERO, Duration.ZERO), options(fixture.first, 1));
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);

        fixture.first.on(PATH.target(), fixture.first.hang());
        assertThat(fixture.ask(PATH)).isPresent();
        fixture.first.on(PATH.target(), status(500, "trouble"));
        assertThat(fixture.ask(PATH)).isPresent();
        fixture.first.on(PATH.target(), status(404, "gone"));
        assertThat(fixture.ask(PATH)).isEmpty();
    }
}
