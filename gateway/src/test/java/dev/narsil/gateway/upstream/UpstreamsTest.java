package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.cut;
import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamsTest {

    /** A test that waits longer hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** With these nobody is asked because another one is slow. */
    private static final UpstreamLimits LIMITS =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofSeconds(20), Duration.ofSeconds(20));

    private static final UpstreamLimits HEDGED =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofSeconds(20), Duration.ofMillis(50));
    private static final UpstreamLimits IMPATIENT =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofMillis(250), Duration.ofMillis(30));
    private static final SignedPath PATH = SignedPath.of(1);

    @TempDir
    Path directory;

    private final FaultyUpstream first = open();
    private final FaultyUpstream second = open();
    private NarStore store;
    private Upstreams upstreams;

    private static FaultyUpstream open() {
        try {
            return new FaultyUpstream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void start() throws IOException {
        store = openStore();
        upstreams = Upstreams.start(store, List.of(options(first, 1), options(second, 2)), LIMITS);
    }

    private NarStore openStore() throws IOException {
        return new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        second.close();
        upstreams.close();
        store.close();
    }

    private static UpstreamOptions options(FaultyUpstream upstream, int priority) {
        return UpstreamOptions.parse(
                upstream.url() + "?priority=" + priority + "&trusted-key=" + SignedPath.KEY.publicKey());
    }

    private void restart(UpstreamLimits limits, UpstreamOptions... options) throws IOException {
        upstreams.close();
        store.close();
        store = openStore();
        upstreams = Upstreams.start(store, List.of(options), limits);
    }

    private Optional<NarInfo> ask(SignedPath path) {
        return await(upstreams.narInfo(path.digest()));
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private UpstreamState state(FaultyUpstream upstream) {
        return upstreams.states().stream()
                .filter(state -> state.url().equals(upstream.url()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void narInfo_upstreamHasIt_isWhatItSays() {
        first.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(PATH.text());
        assertThat(second.requests()).isEmpty();
        assertThat(state(first).hits()).isOne();
    }

    @Test
    void narInfo_askedAgain_isRemembered() {
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);

        for (int i = 0; i < 10; i++) {
            assertThat(ask(PATH)).isPresent();
        }
        assertThat(first.requestsFor(PATH.target())).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410, 403})
    void narInfo_nobodyHasIt_isAbsentAndNotAskedAgain(int status) {
        first.otherwise(status(status, "no"));
        second.otherwise(status(404, "no"));

        for (int i = 0; i < 5; i++) {
            assertThat(ask(PATH)).isEmpty();
        }
        assertThat(first.requestsFor(PATH.target())).isOne();
        assertThat(second.requestsFor(PATH.target())).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 429, 401, 400, 204})
    void narInfo_oneFailsAndTheOtherDoesNotHaveIt_isAskedAgain(int status) {
        first.otherwise(status(status, "trouble"));

        assertThat(ask(PATH)).isEmpty();
        second.on(PATH.target(), ok(PATH.text()));
        assertThat(ask(PATH)).isPresent();
    }

    @Test
    void narInfo_nobodyListens_isAskedAgain() throws IOException {
        int port = first.port();
        first.close();
        second.close();

        assertThat(ask(PATH)).isEmpty();
        try (FaultyUpstream back = new FaultyUpstream(port)) {
            back.on(PATH.target(), ok(PATH.text()));
            assertThat(ask(PATH)).isPresent();
        }
    }

    @Test
    void narInfo_theFirstDoesNotHaveIt_theSecondIsAsked() {
        second.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(first.requestsFor(PATH.target())).isOne();
        assertThat(state(second).hedged()).isZero();
    }

    @Test
    void narInfo_connectionBreaksAndNobodyElseHasIt_isAskedAgain() {
        byte[] text = PATH.text().getBytes(StandardCharsets.ISO_8859_1);
        AtomicInteger requests = new AtomicInteger();
        first.on(PATH.target(), (request, out) -> {
            boolean cut = requests.incrementAndGet() < Search.MAX_TURNS;
            (cut ? cut(text, text.length / 2) : ok(text)).answer(request, out);
        });

        assertThat(ask(PATH)).isPresent();
        assertThat(requests).hasValue(Search.MAX_TURNS);
        assertThat(second.requestsFor(PATH.target())).isOne();
    }

    @Test
    void narInfo_connectionBreaksAgainAndAgain_isNotRememberedAsAbsent() {
        first.on(PATH.target(), cut(PATH.text().getBytes(StandardCharsets.ISO_8859_1), 10));

        assertThat(ask(PATH)).isEmpty();
        assertThat(first.requestsFor(PATH.target())).isEqualTo(Search.MAX_TURNS);
        first.on(PATH.target(), ok(PATH.text()));
        assertThat(ask(PATH)).isPresent();
    }

    @Test
    void narInfo_connectionBreaksOnceAndItIsNotThere_isAbsent() {
        AtomicInteger requests = new AtomicInteger();
        first.on(PATH.target(), (request, out) -> {
            (requests.incrementAndGet() == 1 ? cut(new byte[100], 10) : status(404, "no")).answer(request, out);
        });

        assertThat(ask(PATH)).isEmpty();
        assertThat(requests).hasValue(2);
        assertThat(ask(PATH)).isEmpty();
        assertThat(requests).hasValue(2);
    }

    @Test
    void narInfo_theFirstHangs_theSecondAnswersAndTheFirstIsCancelled() throws IOException {
        restart(HEDGED, options(first, 1), options(second, 2));
        first.otherwise(first.hang());
        second.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(state(first).cancelled()).isOne();
        assertThat(state(second).hedged()).isOne();
    }

    @Test
    void narInfo_theFirstDrips_theSecondAnswers() throws IOException {
        restart(HEDGED, options(first, 1), options(second, 2));
        first.otherwise(first.drip(PATH.text().getBytes(StandardCharsets.ISO_8859_1), Duration.ofMillis(100)));
        second.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(state(first).cancelled()).isOne();
    }

    @Test
    void narInfo_allHangOrDrip_isAbsentForNowAfterTheBudget() throws IOException {
        restart(IMPATIENT, options(first, 1), options(second, 2));
        first.otherwise(first.hang());
        second.otherwise(second.drip(PATH.text().getBytes(StandardCharsets.ISO_8859_1), Duration.ofMillis(20)));

        assertThat(ask(PATH)).isEmpty();

        awaitThat(() -> state(first).failures() == 1 && state(second).failures() == 1);
        second.otherwise(ok(PATH.text()));
        assertThat(ask(PATH)).isPresent();
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
            first.on(PATH.target(), ok(lie));
            assertThat(ask(PATH)).as(lie).isEmpty();
        }
        second.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(PATH.text());
        assertThat(state(first).lies()).isEqualTo(lies.size() + 1);
        assertThat(state(first).breaker()).isEqualTo("closed");
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
            first.on(PATH.target(), ok(text));
            assertThat(ask(PATH)).isEmpty();
        }
        first.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(state(first).failures()).isEqualTo(texts.size());
    }

    @Test
    void narInfo_unsignedFromOneThatIsTrusted_isPassedOn() throws IOException {
        restart(LIMITS, UpstreamOptions.parse(first.url() + "?trust-unsigned=true"));
        String unsigned = PATH.text().replaceFirst("Sig: .*\n", "");
        first.on(PATH.target(), ok(unsigned));

        assertThat(ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(unsigned);
    }

    @Test
    void narInfo_wantedByManyAtATime_isAskedOnce() {
        first.on(PATH.target(), first.late(Duration.ofMillis(200), PATH.text().getBytes(StandardCharsets.ISO_8859_1)));
        List<CompletableFuture<Optional<NarInfo>>> wanted = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            wanted.add(upstreams.narInfo(PATH.digest()));
        }

        assertThat(wanted).allSatisfy(each -> assertThat(await(each)).isPresent());
        assertThat(first.requestsFor(PATH.target())).isOne();
    }

    @Test
    void narInfo_joinsASearchThatFindsNothingOut_isSearchedForAgain() throws IOException {
        restart(LIMITS, options(first, 1));
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch joined = new CountDownLatch(1);
        first.on(PATH.target(), (request, out) -> {
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
        upstreams.prefetch(List.of(PATH.storePath()));
        awaitThat(() -> requests.get() == 1);
        CompletableFuture<Optional<NarInfo>> wanted = upstreams.narInfo(PATH.digest());
        joined.countDown();

        assertThat(await(wanted)).isPresent();
        assertThat(requests).hasValue(2);
    }

    @Test
    void narInfo_moreAtATimeThanSearches_areAllFound() throws IOException {
        restart(LIMITS.withSearches(4, 2), options(first, 1));
        List<SignedPath> paths = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            SignedPath path = SignedPath.of(i);
            paths.add(path);
            first.on(path.target(), ok(path.text()));
        }
        List<CompletableFuture<Optional<NarInfo>>> wanted =
                paths.stream().map(path -> upstreams.narInfo(path.digest())).toList();

        assertThat(wanted).allSatisfy(each -> assertThat(await(each)).isPresent());
    }

    @Test
    void narInfo_upstreamThatFailsAgainAndAgain_isNotAskedUntilItAnswersAProbe() {
        first.otherwise(status(500, "trouble"));
        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            ask(SignedPath.of(100 + i));
        }
        assertThat(state(first).breaker()).isEqualTo("open");
        assertThat(state(first).lastError()).isEqualTo("HTTP status 500");
        first.on(PATH.target(), ok(PATH.text()));
        assertThat(ask(PATH)).isEmpty();
        assertThat(first.requestsFor(PATH.target())).isZero();

        first.on("/nix-cache-info", ok("StoreDir: /nix/store\n"));
        awaitThat(() -> state(first).breaker().equals("closed"));

        assertThat(ask(PATH)).isPresent();
    }

    @Test
    void narInfo_upstreamAsksForAPause_getsIt() {
        first.otherwise(status(503, "busy", "Retry-After: 30"));
        ask(SignedPath.of(2));
        first.otherwise(ok(PATH.text()));

        assertThat(ask(PATH)).isEmpty();
        assertThat(first.requests()).hasSize(1);
        assertThat(state(first).breaker()).isEqualTo("open");
    }

    @Test
    void narInfo_rememberedButItsUpstreamIsDown_isNotHandedOut() throws IOException {
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        first.clear().otherwise(status(500, "trouble"));
        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            ask(SignedPath.of(100 + i));
        }

        assertThat(ask(PATH)).isEmpty();

        byte[] nar = "NAR of 1".getBytes(StandardCharsets.UTF_8);
        try (NarIngest ingest = store.ingest(PATH.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        assertThat(ask(PATH)).isPresent();
    }

    @Test
    void narInfo_rememberedButItsUpstreamIsDown_comesFromAnotherOne() {
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        first.clear().otherwise(status(503, "busy", "Retry-After: 30"));
        ask(SignedPath.of(2));
        second.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(second.requestsFor(PATH.target())).isOne();
    }

    @Test
    void narInfo_afterARestart_isStillKnown() throws IOException, InterruptedException {
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        restart(LIMITS, options(first, 1), options(second, 2));

        assertThat(ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(PATH.text());
        assertThat(first.requestsFor(PATH.target())).isOne();
        assertThat(upstreams.knownHolders(PATH.narHash()))
                .map(RemoteNar::upstream)
                .containsExactly(first.url());
    }

    @Test
    void narInfo_knownOfAnUpstreamThatIsNotTrustedAnyMore_isAskedAnewEachTime()
            throws IOException, InterruptedException {
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        restart(LIMITS, options(second, 1));
        assertThat(ask(PATH)).isEmpty();

        restart(
                LIMITS,
                UpstreamOptions.parse(
                        first.url() + "?trusted-key=cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="));
        assertThat(ask(PATH)).isEmpty();
        assertThat(ask(PATH)).isEmpty();
        assertThat(state(first).lies()).isEqualTo(2);
        assertThat(upstreams.knownHolders(PATH.narHash())).isEmpty();
        assertThat(upstreams.holders(PATH.narHash())).isEmpty();
    }

    @Test
    void narInfo_old_isAskedAnewAndReplaced() throws IOException {
        restart(LIMITS.withTtl(Duration.ZERO, Duration.ZERO), options(first, 1));
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        SignedPath rebuilt = SignedPath.of(1, "another NAR");
        first.on(PATH.target(), ok(rebuilt.text()));

        assertThat(ask(PATH).map(info -> info.print(StoreDir.DEFAULT))).contains(rebuilt.text());
    }

    @Test
    void narInfo_oldAndTheUpstreamDoesNotAnswer_isWhatWasKnown() throws IOException {
        restart(IMPATIENT.withTtl(Duration.ZERO, Duration.ZERO), options(first, 1));
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);

        first.on(PATH.target(), first.hang());
        assertThat(ask(PATH)).isPresent();
        first.on(PATH.target(), status(500, "trouble"));
        assertThat(ask(PATH)).isPresent();
        first.on(PATH.target(), status(404, "gone"));
        assertThat(ask(PATH)).isEmpty();
    }

    @Test
    void narInfo_redirected_isFollowedWithoutCredentials() throws IOException {
        restart(
                LIMITS,
                UpstreamOptions.parse(first.url().replace("http://", "http://user:secret@") + "?trusted-key="
                        + SignedPath.KEY.publicKey()));
        first.on(PATH.target(), status(302, "", "Location: /here"));
        first.on("/here", status(307, "", "Location: " + second.url() + "/there"));
        second.on("/there", ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(first.requests())
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isEqualTo("Basic dXNlcjpzZWNyZXQ="));
        assertThat(second.requests())
                .hasSize(1)
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isNull());
    }

    @Test
    void narInfo_redirectedForEver_comesFromTheOther() {
        first.otherwise(status(301, "", "Location: " + PATH.target()));
        second.on(PATH.target(), ok(PATH.text()));

        assertThat(ask(PATH)).isPresent();
        assertThat(state(first).failures()).isOne();
    }

    @Test
    void narInfo_found_itsReferencesAreFetchedAhead() {
        SignedPath leaf = SignedPath.of(4);
        SignedPath middle = SignedPath.of(3, leaf.storePath());
        SignedPath missing = SignedPath.of(5);
        SignedPath top = SignedPath.of(2, middle.storePath(), missing.storePath(), SignedPath.path(2));
        for (SignedPath path : List.of(leaf, middle, top)) {
            first.on(path.target(), ok(path.text()));
        }
        assertThat(ask(top)).isPresent();

        awaitThat(() -> state(first).hits() == 3 && state(second).misses() == 1);

        assertThat(ask(middle)).isPresent();
        assertThat(ask(leaf)).isPresent();
        assertThat(ask(missing)).isEmpty();
        for (SignedPath path : List.of(leaf, middle, top, missing)) {
            assertThat(first.requestsFor(path.target())).isOne();
        }
    }

    @Test
    void prefetch_whatIsStored_isNotAskedFor() throws IOException {
        byte[] nar = "NAR of 1".getBytes(StandardCharsets.UTF_8);
        try (NarIngest ingest = store.ingest(PATH.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        store.publish(PATH.narInfo().pathInfo()).join();
        SignedPath other = SignedPath.of(2);
        first.on(other.target(), ok(other.text()));

        upstreams.prefetch(List.of(PATH.storePath(), other.storePath()));
        awaitThat(() -> state(first).hits() == 1);

        assertThat(first.requestsFor(PATH.target())).isZero();
    }

    @Test
    void prefetch_clientWantsWhatWaits_comesFirst() throws IOException {
        restart(LIMITS.withSearches(2, 1), options(first, 1));
        SignedPath slow = SignedPath.of(2);
        first.on(slow.target(), first.hang());
        first.on(PATH.target(), ok(PATH.text()));
        upstreams.prefetch(List.of(slow.storePath(), PATH.storePath()));
        awaitThat(() -> first.requestsFor(slow.target()) == 1);

        assertThat(ask(PATH)).isPresent();
    }

    @Test
    void holders_othersHaveTheSameNar_areAllOfThem() throws InterruptedException {
        first.on(PATH.target(), ok(PATH.text()));
        second.on(PATH.target(), ok(PATH.text()));
        ask(PATH);

        assertThat(upstreams.knownHolders(PATH.narHash()))
                .map(RemoteNar::upstream)
                .containsExactly(first.url());
        assertThat(upstreams.holders(PATH.narHash()))
                .map(RemoteNar::upstream)
                .containsExactly(first.url(), second.url());
    }

    @Test
    void holders_othersHaveAnotherNarOrNone_areThoseKnown() throws InterruptedException {
        first.on(PATH.target(), ok(PATH.text()));
        second.on(PATH.target(), ok(SignedPath.of(1, "another NAR").text()));
        ask(PATH);

        assertThat(upstreams.holders(PATH.narHash())).map(RemoteNar::upstream).containsExactly(first.url());
        assertThat(upstreams.holders(SignedPath.of(9).narHash())).isEmpty();
    }

    @Test
    void holders_anotherHangs_isNotWaitedForLongerThanItsHedge() throws IOException, InterruptedException {
        restart(
                UpstreamLimits.DEFAULT.withProbe(Duration.ofHours(1), Duration.ofMillis(50)),
                options(first, 1),
                options(second, 2));
        first.on(PATH.target(), ok(PATH.text()));
        second.otherwise(second.hang());
        ask(PATH);

        assertThat(upstreams.holders(PATH.narHash())).map(RemoteNar::upstream).containsExactly(first.url());
    }

    @Test
    void holders_theKnownOneIsDown_areTheOthers() throws InterruptedException {
        first.on(PATH.target(), ok(PATH.text()));
        second.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        first.clear().otherwise(status(503, "busy", "Retry-After: 30"));
        ask(SignedPath.of(2));

        assertThat(upstreams.holders(PATH.narHash())).map(RemoteNar::upstream).containsExactly(second.url());
    }

    @Test
    void holders_allAreDown_areNone() throws InterruptedException {
        first.on(PATH.target(), ok(PATH.text()));
        ask(PATH);
        first.clear().otherwise(status(503, "busy", "Retry-After: 30"));
        second.otherwise(status(503, "busy", "Retry-After: 30"));
        ask(SignedPath.of(2));

        assertThat(upstreams.holders(PATH.narHash())).isEmpty();
    }

    @Test
    void warmUp_upstreams_areConnectedToAndNotCounted() {
        upstreams.warmUp();
        awaitThat(() -> first.requestsFor("/nix-cache-info") == 1 && second.requestsFor("/nix-cache-info") == 1);

        assertThat(upstreams.states()).allSatisfy(state -> {
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
        assertThat(upstreams.states()).map(UpstreamState::url).isEqualTo(Arrays.asList(first.url(), second.url()));
    }

    @Test
    void close_whileSearching_answers() throws IOException {
        first.otherwise(first.hang());
        CompletableFuture<Optional<NarInfo>> wanted = upstreams.narInfo(PATH.digest());
        awaitThat(() -> first.requests().size() == 1);

        upstreams.close();

        assertThat(await(wanted)).isEmpty();
        assertThat(ask(SignedPath.of(3))).isEmpty();
    }
}
