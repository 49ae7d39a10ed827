package dev.narsil.gateway.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.sharing.SharingFixture;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.subscribe.SubscriptionState.Found;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SubscriptionScheduleTest {

    private static final Duration EVERY = Duration.ofHours(6);
    private static final long MUCH = 1L << 40;
    private static final String LIST = "/store-paths";

    @TempDir
    private Path directory;

    private SharingFixture fixture;
    private FakeKubo fake;
    private KuboClient kubo;
    private Subscriptions subscriptions;
    private SubscriptionSchedule schedule;

    @BeforeEach
    void start() throws IOException {
        fixture = new SharingFixture(directory);
        fake = new FakeKubo();
        kubo = fake.client();
        load();
    }

    private void load() throws IOException {
        subscriptions = Subscriptions.load(fixture.store);
        // no jitter
        schedule = new SubscriptionSchedule(
                subscriptions, fixture.store, fixture.supply(), kubo, fixture.clock(), ZoneOffset.UTC, () -> 0L);
    }

    @AfterEach
    void stop() throws IOException {
        schedule.close();
        kubo.close();
        fake.close();
        fixture.close();
    }

    private void add(String source) throws IOException {
        add(source, null, MUCH);
    }

    private void add(String source, @Nullable DailyWindow between, long maxBytes) throws IOException {
        subscriptions.add(
                new SubscriptionTerms("test", SubscriptionSource.of(source), EVERY, between, maxBytes),
                fixture.now(),
                false);
    }

    private SubscriptionState state() {
        return subscriptions.find("test").orElseThrow().state();
    }

    private SubscriptionState run() throws IOException, InterruptedException {
        schedule.runAll();
        return state();
    }

    private void list(String... lines) {
        fixture.upstream.on(LIST, FaultyUpstream.ok(String.join("\n", lines) + "\n"));
    }

    private String listUrl() {
        return fixture.upstream.url() + LIST;
    }

    private long narRequests() {
        return fixture.upstream.requests().stream()
                .filter(request -> request.target().startsWith("/nar/"))
                .count();
    }

    @Test
    void runAll_storePath_bringsTheWholeClosureAndIsDueAgainLater() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        SignedPath c = fixture.remote(3, a.storePath(), b.storePath());
        SignedPath other = fixture.remote(4);
        add(c.storePath().baseName());
        Instant began = fixture.now();

        SubscriptionState state = run();
        assertThat(state.error()).isEmpty();
        assertThat(state.result()).isEqualTo(Result.COMPLETE);
        long bytes = a.narInfo().pathInfo().narSize()
                + b.narInfo().pathInfo().narSize()
                + c.narInfo().pathInfo().narSize();
        assertThat(state.found()).isEqualTo(new Found(3, 0, bytes, 3, bytes));
        assertThat(state.next()).isEqualTo(began.plus(EVERY));
        for (SignedPath each : List.of(a, b, c)) {
            assertThat(fixture.has(each)).isTrue();
        }
        assertThat(fixture.narOf(c)).isEqualTo(SharingFixture.nar(3, a.storePath(), b.storePath()));
        assertThat(fixture.has(other)).isFalse();

        fixture.pass(EVERY.minusSeconds(1));
        int before = fixture.upstream.requests().size();
        assertThat(run()).isEqualTo(state);
        fixture.pass(Duration.ofSeconds(1));
        assertThat(run().found()).isEqualTo(new Found(3, 0, bytes, 0, 0));
        assertThat(state().began()).isEqualTo(fixture.now());
        assertThat(fixture.upstream.requests()).hasSize(before);
        assertThat(schedule.counters().runs(Result.COMPLETE)).isEqualTo(2);
    }

    @Test
    void runAll_pathsWithOneNar_areBothStored() throws Exception {
        byte[] nar = SharingFixture.nar(1);
        SignedPath one = SignedPath.signed(SignedPath.path(1), nar, List.of());
        SignedPath two = SignedPath.signed(SignedPath.path(2), nar, List.of(one.storePath()));
        for (SignedPath each : List.of(one, two)) {
            fixture.upstream.on(each.target(), FaultyUpstream.ok(each.text()));
            fixture.upstream.on(each.narTarget(), FaultyUpstream.ok(nar));
        }
        add(two.storePath().baseName());

        assertThat(run().result()).isEqualTo(Result.COMPLETE);
        assertThat(fixture.has(one)).isTrue();
        assertThat(fixture.has(two)).isTrue();
    }

    @Test
    void runAll_outsideItsTimeOfTheDay_waitsForIt() throws Exception {
        SignedPath a = fixture.remote(1);
        add(a.storePath().baseName(), DailyWindow.parse("01:00-06:00"), MUCH);

        assertThat(run().result()).isEqualTo(Result.NEVER);
        fixture.setNow(Instant.parse("2026-11-22T01:00:00Z"));
        assertThat(run().result()).isEqualTo(Result.COMPLETE);
    }

    @Test
    void runAll_timeOfTheDayEndsMeanwhile_stopsAndGoesOnTheNextDay() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        fixture.upstream.on(b.target(), (request, out) -> {
            fixture.setNow(Instant.parse("2026-11-22T06:00:00Z"));
            FaultyUpstream.ok(b.text()).answer(request, out);
        });
        add(b.storePath().baseName(), DailyWindow.parse("01:00-06:00"), MUCH);
        fixture.setNow(Instant.parse("2026-11-22T05:59:59Z"));

        assertThat(run().result()).isEqualTo(Result.STOPPED);
        assertThat(fixture.has(b)).isFalse();
        fixture.setNow(Instant.parse("2026-11-23T01:00:00Z"));
        assertThat(run().result()).isEqualTo(Result.COMPLETE);
        assertThat(fixture.has(a)).isTrue();
        assertThat(fixture.has(b)).isTrue();
    }

    @Test
    void runAll_closureIsTooLarge_bringsNothing() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        long bytes = a.narInfo().pathInfo().narSize() + b.narInfo().pathInfo().narSize();
        add(b.storePath().baseName(), null, bytes - 1);

        SubscriptionState state = run();
        assertThat(state.result()).isEqualTo(Result.TOO_LARGE);
        assertThat(state.error()).contains(Long.toString(bytes - 1));
        assertThat(narRequests()).isZero();
        assertThat(fixture.has(a)).isFalse();

        assertThat(subscriptions.remove("test")).isPresent();
        add(b.storePath().baseName(), null, bytes);
        assertThat(run().result()).isEqualTo(Result.COMPLETE);
    }

    @Test
    void runAll_somePathsAreNowhere_bringsTheOthersAndTriesAgainSoon() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath nowhere = SharingFixture.path(2);
        SignedPath c = fixture.remote(3, a.storePath(), nowhere.storePath());
        add(c.storePath().baseName());

        SubscriptionState state = run();
        assertThat(state.result()).isEqualTo(Result.INCOMPLETE);
        assertThat(state.error()).contains(nowhere.storePath().baseName());
        assertThat(state.found().paths()).isEqualTo(3);
        assertThat(state.found().missing()).isEqualTo(1);
        assertThat(fixture.has(a)).isTrue();
        assertThat(fixture.has(c)).isTrue();
        assertThat(state.next()).isEqualTo(fixture.now().plus(SubscriptionSchedule.FIRST_RETRY));

        fixture.put(nowhere.narInfo().pathInfo(), SharingFixture.nar(2));
        fixture.pass(SubscriptionSchedule.FIRST_RETRY);
        assertThat(run().result()).isEqualTo(Result.COMPLETE);
        assertThat(state().failures()).isZero();
    }

    @Test
    void runAll_narIsWrong_isNotStoredAndTold() throws Exception {
        SignedPath a = fixture.remote(1);
        fixture.upstream.on(a.narTarget(), FaultyUpstream.ok(SharingFixture.nar(9)));
        add(a.storePath().baseName());

        SubscriptionState state = run();
        assertThat(state.result()).isEqualTo(Result.INCOMPLETE);
        assertThat(state.error()).contains(a.storePath().baseName());
        assertThat(state.error().length()).isLessThanOrEqualTo(SubscriptionState.MAX_ERROR);
        assertThat(fixture.has(a)).isFalse();
    }

    @Test
    void runAll_failuresInARow_areTriedLessAndLessOftenButAsOftenAsWanted() throws Exception {
        add(listUrl());
        Duration retry = SubscriptionSchedule.FIRST_RETRY;
        for (int i = 1; i <= 10; i++) {
            SubscriptionState state = run();
            assertThat(state.result()).isEqualTo(Result.FAILED);
            assertThat(state.error()).contains("404");
            assertThat(state.failures()).isEqualTo(i);
            assertThat(state.next()).isEqualTo(fixture.now().plus(retry.compareTo(EVERY) < 0 ? retry : EVERY));
            fixture.setNow(state.next());
            retry = retry.multipliedBy(2);
        }
    }

    @Test
    void runAll_compressedList_isReadAndAskedForByItsTagAfterwards() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        SignedPath c = fixture.remote(3);
        byte[] list = ("/nix/store/" + b.storePath().baseName() + "\n"
                        + c.storePath().baseName() + "\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] file = Compressed.one(Compression.XZ, list);
        fixture.upstream.on(LIST, (request, out) -> {
            if ("\"one\"".equals(request.header("If-None-Match"))) {
                FaultyUpstream.respond("304 Not Modified", new byte[0]).answer(request, out);
            } else {
                FaultyUpstream.respond("200 OK", file, "ETag: \"one\"").answer(request, out);
            }
        });
        add(listUrl());

        assertThat(run().result()).isEqualTo(Result.COMPLETE);
        assertThat(state().validator()).isEqualTo("\"one\"");
        assertThat(fixture.has(a)).isTrue();
        assertThat(fixture.has(c)).isTrue();

        fixture.pass(EVERY);
        int before = fixture.upstream.requests().size();
        assertThat(run().result()).isEqualTo(Result.COMPLETE);
        assertThat(state().began()).isEqualTo(fixture.now());
        assertThat(fixture.upstream.requests()).hasSize(before + 1);
        assertThat(state().found().paths()).isEqualTo(3);

        SignedPath d = fixture.remote(4);
        list(d.storePath().baseName());
        fixture.pass(EVERY);
        assertThat(run().found().paths()).isEqualTo(1);
        assertThat(fixture.has(d)).isTrue();
    }

    @Test
    void runAll_listWasNotCompleted_isReadWholeTheNextTime() throws Exception {
        SignedPath nowhere = SharingFixture.path(1);
        fixture.upstream.on(
                LIST,
                FaultyUpstream.respond(
                        "200 OK",
                        (nowhere.storePath().baseName() + "\n").getBytes(StandardCharsets.UTF_8),
                        "ETag: \"one\""));
        add(listUrl());

        assertThat(run().result()).isEqualTo(Result.INCOMPLETE);
        fixture.setNow(state().next());
        assertThat(run().result()).isEqualTo(Result.INCOMPLETE);
        assertThat(fixture.upstream.requests().stream()
                        .filter(request -> request.target().equals(LIST))
                        .map(request -> request.header("If-None-Match")))
                .containsExactly(null, null);
    }

    @Test
    void runAll_listThatIsNone_isToldWithItsLine() throws Exception {
        list("# paths", SharingFixture.path(1).storePath().baseName(), "<html>");
        add(listUrl());
        assertThat(run().result()).isEqualTo(Result.FAILED);
        assertThat(state().error()).contains("line 3");
    }

    @Test
    void runAll_listThatExpandsWithoutEnd_isRefused() throws Exception {
        byte[] lines = new byte[(int) PathLists.MAX_BYTES + 1];
        Arrays.fill(lines, (byte) '\n');
        fixture.upstream.on(LIST, FaultyUpstream.ok(Compressed.one(Compression.ZSTD, lines)));
        add(listUrl());
        assertThat(run().result()).isEqualTo(Result.FAILED);
        assertThat(state().error()).contains(Long.toString(PathLists.MAX_BYTES));
    }

    @Test
    void runAll_nameOfIpns_isResolvedAndItsFileRead() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2);
        byte[] first = (a.storePath().baseName() + "\n" + b.storePath().digest()).getBytes(StandardCharsets.UTF_8);
        byte[] second = ("-" + b.storePath().name() + "\n").getBytes(StandardCharsets.UTF_8);
        UnixFsFile file = UnixFsFile.of(List.of(leaf(first), leaf(second)));
        Cid root = Cid.hash(Codec.DAG_PB, file.encode());
        fake.blocks().put(root, file.encode());
        fake.on("name/resolve", (_, wire) -> wire.json("{\"Path\":\"/ipfs/" + root + "\"}"));
        add("ipns://k51list");

        assertThat(run().error()).isEmpty();
        assertThat(state().result()).isEqualTo(Result.COMPLETE);
        assertThat(fixture.has(a)).isTrue();
        assertThat(fixture.has(b)).isTrue();
        assertThat(state().validator()).isEqualTo("/ipfs/" + root);

        fake.blocks().clear();
        fixture.pass(EVERY);
        assertThat(run().result()).isEqualTo(Result.COMPLETE);
    }

    private Child leaf(byte[] bytes) {
        Cid cid = Cid.hash(Codec.RAW, bytes);
        fake.blocks().put(cid, bytes);
        return Child.leaf(cid, bytes.length);
    }

    @Test
    void runAll_nameThatStandsForNoFile_isToldAndNothingIsFetched() throws Exception {
        fake.on("name/resolve", (_, wire) -> wire.json("{\"Path\":\"/ipns/other\"}"));
        add("ipns://k51list");
        assertThat(run().result()).isEqualTo(Result.FAILED);
        assertThat(state().error()).contains("/ipns/other");
    }

    @Test
    void runAll_processWasKilled_goesOnWhereItWas() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        add(b.storePath().baseName());
        Subscription begun = subscriptions.find("test").orElseThrow();
        subscriptions.update(begun, begun.state().begun(fixture.now()));
        fixture.put(a.narInfo().pathInfo(), SharingFixture.nar(1));
        schedule.close();
        fixture.reopen();
        load();
        fixture.setNow(Instant.parse("2020-01-01T00:00:00Z"));

        assertThat(state().result()).isEqualTo(Result.RUNNING);
        SubscriptionState state = run();
        assertThat(state.result()).isEqualTo(Result.COMPLETE);
        assertThat(state.found().broughtPaths()).isEqualTo(1);
        assertThat(fixture.upstream.requestsFor(a.narTarget())).isZero();
        assertThat(fixture.has(b)).isTrue();
    }

    @Test
    void runAll_removedMeanwhile_stopsAndStaysRemoved() throws Exception {
        SignedPath a = fixture.remote(1);
        SignedPath b = fixture.remote(2, a.storePath());
        fixture.upstream.on(b.target(), (request, out) -> {
            var _ = subscriptions.remove("test");
            FaultyUpstream.ok(b.text()).answer(request, out);
        });
        add(b.storePath().baseName());
        schedule.runAll();

        assertThat(subscriptions.list()).isEmpty();
        assertThat(Subscriptions.load(fixture.store).list()).isEmpty();
        assertThat(narRequests()).isZero();
    }

    @Test
    void runNow_notDue_runsAndTellsHowItWent() throws Exception {
        SignedPath a = fixture.remote(1);
        add(a.storePath().baseName(), DailyWindow.parse("01:00-06:00"), MUCH);
        schedule.close();
        try (SubscriptionSchedule started =
                SubscriptionSchedule.start(subscriptions, fixture.store, fixture.supply(), null)) {
            Subscription ran = started.runNow("test").get(60, TimeUnit.SECONDS);
            assertThat(ran.state().result()).isEqualTo(Result.COMPLETE);
            assertThatThrownBy(() -> started.runNow("other")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(fixture.has(a)).isTrue();
    }

    @Test
    void add_sameName_isRefusedUnlessItReplaces() throws Exception {
        SignedPath a = fixture.remote(1);
        add(a.storePath().baseName());
        assertThatThrownBy(() -> add(listUrl()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'test'");
        SubscriptionState state = run();
        SubscriptionTerms terms = subscriptions.find("test").orElseThrow().terms();
        assertThat(subscriptions.add(terms, fixture.now(), true).state()).isEqualTo(state);
        SubscriptionTerms others = new SubscriptionTerms("test", terms.source(), EVERY.multipliedBy(2), null, 7);
        assertThat(subscriptions.add(others, fixture.now(), true).state().result())
                .isEqualTo(Result.NEVER);
        assertThat(Subscriptions.load(fixture.store).list()).isEqualTo(subscriptions.list());
    }
}
