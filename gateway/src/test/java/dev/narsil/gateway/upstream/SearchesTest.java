package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static dev.narsil.gateway.upstream.UpstreamsFixture.HEDGED;
import static dev.narsil.gateway.upstream.UpstreamsFixture.IMPATIENT;
import static dev.narsil.gateway.upstream.UpstreamsFixture.LIMITS;
import static dev.narsil.gateway.upstream.UpstreamsFixture.PATH;
import static dev.narsil.gateway.upstream.UpstreamsFixture.PATIENCE;
import static dev.narsil.gateway.upstream.UpstreamsFixture.await;
import static dev.narsil.gateway.upstream.UpstreamsFixture.awaitThat;
import static dev.narsil.gateway.upstream.UpstreamsFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.gateway.narinfo.NarInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches at upstreams that are slow, for many paths at a time, and ahead of clients. */
class SearchesTest {

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
    void narInfo_theFirstHangs_theSecondAnswersAndTheFirstIsCancelled() throws IOException {
        fixture.restart(HEDGED, options(fixture.first, 1), options(fixture.second, 2));
        fixture.first.otherwise(fixture.first.hang());
        fixture.second.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.state(fixture.first).cancelled()).isOne();
        assertThat(fixture.state(fixture.second).hedged()).isOne();
    }

    @Test
    void narInfo_theFirstDrips_theSecondAnswers() throws IOException {
        fixture.restart(HEDGED, options(fixture.first, 1), options(fixture.second, 2));
        fixture.first.otherwise(
                fixture.first.drip(PATH.text().getBytes(StandardCharsets.ISO_8859_1), Duration.ofMillis(100)));
        fixture.second.on(PATH.target(), ok(PATH.text()));

        assertThat(fixture.ask(PATH)).isPresent();
        assertThat(fixture.state(fixture.first).cancelled()).isOne();
    }

    @Test
    void narInfo_allHangOrDrip_isAbsentForNowAfterTheBudget() throws IOException {
        fixture.restart(IMPATIENT, options(fixture.first, 1), options(fixture.second, 2));
        fixture.first.otherwise(fixture.first.hang());
        fixture.second.otherwise(
                fixture.second.drip(PATH.text().getBytes(StandardCharsets.ISO_8859_1), Duration.ofMillis(20)));

        assertThat(fixture.ask(PATH)).isEmpty();

        awaitThat(() -> fixture.state(fixture.first).failures() == 1
                && fixture.state(fixture.second).failures() == 1);
        fixture.second.otherwise(ok(PATH.text()));
        assertThat(fixture.ask(PATH)).isPresent();
    }

    @Test
    void narInfo_wantedByManyAtATime_isAskedOnce() {
        fixture.first.on(
                PATH.target(),
                fixture.first.late(Duration.ofMillis(200), PATH.text().getBytes(StandardCharsets.ISO_8859_1)));
        List<CompletableFuture<Optional<NarInfo>>> wanted = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            wanted.add(fixture.upstreams().narInfo(PATH.digest()));
        }

        assertThat(wanted).allSatisfy(each -> assertThat(await(each)).isPresent());
        assertThat(fixture.first.requestsFor(PATH.target())).isOne();
    }

    @Test
    void narInfo_joinsASearchThatFindsNothingOut_isSearchedForAgain() throws IOException {
        fixture.restart(LIMITS, options(fixture.first, 1));
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch joined = new CountDownLatch(1);
        fixture.first.on(PATH.target(), (request, out) -> {
            if (requests.incrementAndGet() > 1) {
                ok(PATH.text()).answer(request, out);
                return;
            }
            try {
                assertThat(joined.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            status(500, "trouble").answer(request, out);
        });
        fixture.upstreams().prefetch(List.of(PATH.storePath()));
        awaitThat(() -> requests.get() == 1);
        CompletableFuture<Optional<NarInfo>> wanted = fixture.upstreams().narInfo(PATH.digest());
        joined.countDown();

        assertThat(await(wanted)).isPresent();
        assertThat(requests).hasValue(2);
    }

    @Test
    void narInfo_moreAtATimeThanSearches_areAllFound() throws IOException {
        fixture.restart(LIMITS.withSearches(4, 2), options(fixture.first, 1));
        List<SignedPath> paths = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            SignedPath path = SignedPath.of(i);
            paths.add(path);
            fixture.first.on(path.target(), ok(path.text()));
        }
        List<CompletableFuture<Optional<NarInfo>>> wanted = paths.stream()
                .map(path -> fixture.upstreams().narInfo(path.digest()))
                .toList();

        assertThat(wanted).allSatisfy(each -> assertThat(await(each)).isPresent());
    }

    @Test
    void narInfo_found_itsReferencesAreFetchedAhead() {
        SignedPath leaf = SignedPath.of(4);
        SignedPath middle = SignedPath.of(3, leaf.storePath());
        SignedPath missing = SignedPath.of(5);
        SignedPath top = SignedPath.of(2, middle.storePath(), missing.storePath(), SignedPath.path(2));
        for (SignedPath path : List.of(leaf, middle, top)) {
            fixture.first.on(path.target(), ok(path.text()));
        }
        assertThat(fixture.ask(top)).isPresent();

        awaitThat(() -> fixture.state(fixture.first).hits() == 3
                && fixture.state(fixture.second).misses() == 1);

        assertThat(fixture.ask(middle)).isPresent();
        assertThat(fixture.ask(leaf)).isPresent();
        assertThat(fixture.ask(missing)).isEmpty();
        for (SignedPath path : List.of(leaf, middle, top, missing)) {
            assertThat(fixture.first.requestsFor(path.target())).isOne();
        }
    }

    @Test
    void prefetch_whatIsStored_isNotAskedFor() throws IOException {
        byte[] nar = "NAR of 1".getBytes(StandardCharsets.UTF_8);
        try (NarIngest ingest = fixture.store().ingest(PATH.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        fixture.store().publish(PATH.narInfo().pathInfo()).join();
        SignedPath other = SignedPath.of(2);
        fixture.first.on(other.target(), ok(other.text()));

        fixture.upstreams().prefetch(List.of(PATH.storePath(), other.storePath()));
        awaitThat(() -> fixture.state(fixture.first).hits() == 1);

        assertThat(fixture.first.requestsFor(PATH.target())).isZero();
    }

    @Test
    void prefetch_clientWantsWhatWaits_comesFirst() throws IOException {
        fixture.restart(LIMITS.withSearches(2, 1), options(fixture.first, 1));
        SignedPath slow = SignedPath.of(2);
        fixture.first.on(slow.target(), fixture.first.hang());
        fixture.first.on(PATH.target(), ok(PATH.text()));
        fixture.upstreams().prefetch(List.of(slow.storePath(), PATH.storePath()));
        awaitThat(() -> fixture.first.requestsFor(slow.target()) == 1);

        assertThat(fixture.ask(PATH)).isPresent();
    }
}
