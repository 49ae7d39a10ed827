package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static dev.narsil.gateway.upstream.UpstreamsFixture.PATH;
import static dev.narsil.gateway.upstream.UpstreamsFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who of the upstreams has a NAR. */
class HolderSearchTest {

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
    void holders_othersHaveTheSameNar_areAllOfThem() throws InterruptedException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.second.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);

        assertThat(fixture.upstreams().knownHolders(PATH.narHash()))
                .map(RemoteNar::upstream)
                .containsExactly(fixture.first.url());
        assertThat(fixture.upstreams().holders(PATH.narHash()).now())
                .map(RemoteNar::upstream)
                .containsExactly(fixture.first.url(), fixture.second.url());
    }

    @Test
    void holders_othersHaveAnotherNarOrNone_areThoseKnown() throws InterruptedException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.second.on(PATH.target(), ok(SignedPath.of(1, "another NAR").text()));
        fixture.ask(PATH);

        assertThat(fixture.upstreams().holders(PATH.narHash()).now())
                .map(RemoteNar::upstream)
                .containsExactly(fixture.first.url());
        assertThat(fixture.upstreams().holders(SignedPath.of(9).narHash()).now())
                .isEmpty();
    }

    @Test
    void holders_anotherHangs_isNotWaitedForLongerThanItsHedge() throws IOException, InterruptedException {
        fixture.restart(
                UpstreamLimits.DEFAULT.withProbe(Duration.ofHours(1), Duration.ofMillis(50)),
                options(fixture.first, 1),
                options(fixture.second, 2));
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.second.otherwise(fixture.second.hang());
        fixture.ask(PATH);

        assertThat(fixture.upstreams().holders(PATH.narHash()).now())
                .map(RemoteNar::upstream)
                .containsExactly(fixture.first.url());
    }

    @Test
    void holders_anotherIsSlow_comesLate() throws Exception {
        fixture.restart(
                UpstreamLimits.DEFAULT.withProbe(Duration.ofMinutes(1), Duration.ofMillis(50)),
                options(fixture.first, 1),
                options(fixture.second, 2));
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        CompletableFuture<Void> go = new CompletableFuture<>();
        fixture.second.on(PATH.target(), (request, out) -> {
            go.join();
            ok(PATH.text()).answer(request, out);
        });

        NarHolders holders = fixture.upstreams().holders(PATH.narHash());
        go.complete(null);

        assertThat(holders.now()).map(RemoteNar::upstream).containsExactly(fixture.first.url());
        assertThat(holders.late().get(1, TimeUnit.MINUTES))
                .map(RemoteNar::upstream)
                .containsExactly(fixture.second.url());
    }

    @Test
    void holders_theKnownOneIsDown_areTheOthers() throws InterruptedException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.second.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        fixture.first.clear().otherwise(status(503, "busy", "Retry-After: 30"));
        fixture.ask(SignedPath.of(2));

        assertThat(fixture.upstreams().holders(PATH.narHash()).now())
                .map(RemoteNar::upstream)
                .containsExactly(fixture.second.url());
    }

    @Test
    void holders_allAreDown_areNone() throws InterruptedException {
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.ask(PATH);
        fixture.first.clear().otherwise(status(503, "busy", "Retry-After: 30"));
        fixture.second.otherwise(status(503, "busy", "Retry-After: 30"));
        fixture.ask(SignedPath.of(2));

        assertThat(fixture.upstreams().holders(PATH.narHash()).now()).isEmpty();
    }
}
