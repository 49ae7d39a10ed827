package dev.narsil.gateway.sharing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClosureTest {

    @TempDir
    private Path directory;

    private SharingFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = new SharingFixture(directory);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    /** Paths that answer a little later; several threads may ask at a time, as {@link ClosureFetch} does. */
    private static final class Paths implements PathSupply {
        private final Map<Digest, PathInfo> paths = new HashMap<>();
        private final List<CompletableFuture<Optional<PathInfo>>> open = new ArrayList<>();
        private int most;

        private Paths(List<SignedPath> all) {
            all.forEach(path -> paths.put(path.digest(), path.narInfo().pathInfo()));
        }

        @Override
        public synchronized CompletableFuture<Optional<PathInfo>> find(Digest digest) {
            CompletableFuture<Optional<PathInfo>> answer = new CompletableFuture<>();
            open.removeIf(CompletableFuture::isDone);
            open.add(answer);
            most = Math.max(most, open.size());
            Thread.startVirtualThread(() -> answer.complete(Optional.ofNullable(paths.get(digest))));
            return answer;
        }

        @Override
        public void bring(PathInfo info) throws IOException {
            throw new IOException("not here");
        }
    }

    private static List<SignedPath> paths(int count) {
        List<SignedPath> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(SignedPath.of(i));
        }
        return all;
    }

    @Test
    void walk_everyPathRefersToEveryOther_visitsEachOnceAndAsksForFewAtATime() throws Exception {
        List<SignedPath> leaves = paths(100);
        StorePath[] references = leaves.stream().map(SignedPath::storePath).toArray(StorePath[]::new);
        List<SignedPath> all = new ArrayList<>(leaves);
        for (int i = 100; i < 110; i++) {
            all.add(SignedPath.of(i, references));
        }
        Paths supply = new Paths(all);
        Set<Digest> visited = new HashSet<>();
        ClosureWalk.Walked walked = new ClosureWalk(fixture.store, supply, () -> false)
                .walk(all.stream().map(path -> WantedPath.of(path.storePath())).toList(), (info, stored) -> {
                    assertThat(stored).isFalse();
                    assertThat(visited.add(info.path().digest())).isTrue();
                });
        assertThat(walked.complete()).isTrue();
        assertThat(walked.unknown()).isZero();
        assertThat(walked.describe()).isEmpty();
        assertThat(visited).hasSize(110);
        assertThat(supply.most).isBetween(1, ClosureWalk.WINDOW);
    }

    @Test
    void walk_pathOfAnotherName_isUnknownAndToldWithTheRightOne() throws Exception {
        SignedPath path = fixture.stored(1);
        StorePath wrong = new StorePath(path.digest(), "other");
        ClosureWalk.Walked walked = new ClosureWalk(fixture.store, PathSupply.NONE, () -> false)
                .walk(List.of(WantedPath.of(wrong)), (info, stored) -> {
                    throw new IOException("visited");
                });
        assertThat(walked.unknown()).isOne();
        assertThat(walked.describe())
                .contains("other")
                .contains(path.storePath().name());
    }

    @Test
    void walk_manyUnknown_tellsSomeAndCountsAll() throws Exception {
        List<WantedPath> wanted =
                paths(20).stream().map(path -> WantedPath.of(path.storePath())).toList();
        ClosureWalk.Walked walked =
                new ClosureWalk(fixture.store, PathSupply.NONE, () -> false).walk(wanted, (info, stored) -> {});
        assertThat(walked.unknown()).isEqualTo(20);
        assertThat(walked.told()).hasSize(ClosureWalk.MAX_TOLD);
        assertThat(walked.describe()).endsWith("and 15 more");
    }

    @Test
    void walk_stopped_saysSo() throws Exception {
        SignedPath path = fixture.stored(1);
        assertThat(new ClosureWalk(fixture.store, PathSupply.NONE, () -> true)
                        .walk(List.of(WantedPath.of(path.storePath())), (info, stored) -> {})
                        .complete())
                .isFalse();
    }

    @Test
    void fetch_manyPaths_bringsAsManyAtATimeAsItMay() throws Exception {
        List<SignedPath> all = paths(4 * ClosureFetch.FETCHES);
        CyclicBarrier together = new CyclicBarrier(ClosureFetch.FETCHES);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Map<Digest, PathInfo> known = new HashMap<>();
        all.forEach(path -> known.put(path.digest(), path.narInfo().pathInfo()));
        PathSupply supply = new PathSupply() {
            @Override
            public CompletableFuture<Optional<PathInfo>> find(Digest digest) {
                return CompletableFuture.completedFuture(Optional.ofNullable(known.get(digest)));
            }

            @Override
            public void bring(PathInfo info) throws IOException, InterruptedException {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                try {
                    together.await(60, TimeUnit.SECONDS);
                } catch (BrokenBarrierException | TimeoutException e) {
                    throw new IOException("not as many at a time", e);
                } finally {
                    now.decrementAndGet();
                }
            }
        };
        ClosureFetch fetch = new ClosureFetch(supply, () -> false);
        assertThat(fetch.run(all.stream().map(SignedPath::digest).toList())).isTrue();
        assertThat(fetch.describeFailures()).isEmpty();
        assertThat(fetch.paths()).isEqualTo(all.size());
        assertThat(most.get()).isEqualTo(ClosureFetch.FETCHES);
    }

    @Test
    void fetch_someFail_countsThemAndTellsTheFirst() throws Exception {
        List<SignedPath> all = paths(20);
        ClosureFetch fetch = new ClosureFetch(new Paths(all), () -> false);
        assertThat(fetch.run(all.stream().map(SignedPath::digest).toList())).isTrue();
        assertThat(fetch.failed()).isEqualTo(20);
        assertThat(fetch.paths()).isZero();
        assertThat(fetch.describeFailures()).contains("not here").endsWith("and 15 more");
    }

    @Test
    void fetch_stopped_triesNothing() throws Exception {
        List<SignedPath> all = paths(20);
        ClosureFetch fetch = new ClosureFetch(new Paths(all), () -> true);
        assertThat(fetch.run(all.stream().map(SignedPath::digest).toList())).isFalse();
        assertThat(fetch.failed()).isZero();
    }

    @Test
    void checkName_anythingElse_isRefused() {
        for (String name : List.of("", "a b", "a/b", "x".repeat(65), "ä")) {
            assertThatThrownBy(() -> NamedRecords.checkName(name)).isInstanceOf(IllegalArgumentException.class);
        }
        NamedRecords.checkName("x".repeat(64));
    }
}
