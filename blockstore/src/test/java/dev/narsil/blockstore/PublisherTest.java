package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.blockstore.testing.WatchedBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of NARs, and when it is durable. */
class PublisherTest {

    private static Optional<UnclaimedNar> unclaimed(TestStore store, Sha256 narHash) throws IOException {
        byte[] record = store.nars().record(Table.UNCLAIMED, narHash.bytes());
        return record == null ? Optional.empty() : Optional.of(UnclaimedNar.decode(record));
    }

    @Test
    void keep_thenPublish_isUnclaimedBetweenAndRecordsAreThere(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        Sha256 hash = Sha256.hash(nar);
        Instant now = Instant.ofEpochSecond(1_700_000_000);
        Entry alias = new Entry(Table.ALIAS, hash.bytes(), new byte[] {1});
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            CompletableFuture<Void> kept = store.nars().keep(hash, now, List.of(alias));
            store.nars().expedite();
            TestStore.await(kept);
            assertThat(unclaimed(store, hash)).contains(new UnclaimedNar(now));
            assertThat(store.nars().record(Table.ALIAS, hash.bytes())).containsExactly(1);
            assertThat(store.read(hash)).isEqualTo(nar);
            Entry object = new Entry(Table.OBJECT, hash.bytes(), new byte[] {2});
            CompletableFuture<Void> published = store.nars().publish(TestStore.info("one", nar), List.of(object));
            store.nars().expedite();
            TestStore.await(published);
            assertThat(unclaimed(store, hash)).isEmpty();
            assertThat(store.nars().record(Table.OBJECT, hash.bytes())).containsExactly(2);
        }
    }

    @Test
    void keep_narThatIsNotThere_isRefused(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            assertThatThrownBy(() -> store.nars().keep(Sha256.hash(new byte[1]), Instant.EPOCH, List.of()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is not stored");
        }
    }

    @Test
    void publish_inTheGroupOfTheKeep_endsTheNarsBeingUnclaimed(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            CompletableFuture<Void> kept = store.nars().keep(hash, Instant.EPOCH, List.of());
            CompletableFuture<Void> published = store.nars().publish(TestStore.info("one", nar));
            store.nars().flush();
            TestStore.await(kept);
            TestStore.await(published);
            assertThat(unclaimed(store, hash)).isEmpty();
        }
    }

    @Test
    void publish_byRuleFromManyAtATime_losesNoSignature(@TempDir Path directory) throws Exception {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        PathInfo info = TestStore.info("one", nar);
        int count = 32;
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        try (TestStore store = TestStore.open(directory);
                ExecutorService publishers = Executors.newFixedThreadPool(8)) {
            store.ingest(nar);
            store.nars().addPathListener(digest -> heard.add(digest.toString()));
            List<Future<?>> published = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                PathInfo signed = PathMerge.withSignatures(info, List.of("k:" + i));
                published.add(publishers.submit(() -> {
                    TestStore.await(store.nars().publish(signed, PathMerge::keeping));
                    return null;
                }));
            }
            for (Future<?> one : published) {
                var _ = one.get();
            }
            assertThat(store.nars().path(info.path().digest()).orElseThrow().signatures())
                    .hasSize(count);
            assertThat(heard).isNotEmpty().containsOnly(info.path().digest().toString());
        }
    }

    @Test
    void publish_ruleChangesNothing_writesNothing(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        AtomicInteger commits = new AtomicInteger();
        try (TestStore store = TestStore.open(
                directory, blocks -> new WatchedBlockStore(blocks, (_, _) -> commits.incrementAndGet()))) {
            PathInfo info = store.add("one", nar);
            int before = commits.get();
            assertThat(store.nars().publish(info, PathMerge::keeping)).isCompleted();
            byte[] other = Nars.file(Nars.noise(2, 1000));
            assertThat(store.nars().publish(TestStore.info("one", other), PathMerge::keeping))
                    .as("another NAR for the path, which the rule does not take")
                    .isCompleted();
            store.nars().flush();
            assertThat(commits).hasValue(before);
        }
    }

    @Test
    void publish_commitBeforeFailed_ruleIsNotShownWhatWasLost(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        PathInfo info = TestStore.info("one", nar);
        AtomicBoolean failing = new AtomicBoolean();
        WatchedBlockStore.Watch watch = (_, _) -> {
            if (failing.get()) {
                throw new StoreException(StoreException.Kind.FULL, "no space left");
            }
        };
        try (TestStore store = TestStore.open(directory, blocks -> new WatchedBlockStore(blocks, watch))) {
            store.ingest(nar);
            store.nars().flush();
            failing.set(true);
            CompletableFuture<Void> lost =
                    store.nars().publish(PathMerge.withSignatures(info, List.of("k:1")), PathMerge::keeping);
            store.nars().expedite();
            assertThatThrownBy(() -> TestStore.await(lost)).hasMessage("no space left");
            failing.set(false);
            CompletableFuture<Void> published =
                    store.nars().publish(PathMerge.withSignatures(info, List.of("k:2")), PathMerge::keeping);
            TestStore.await(published);
            assertThat(store.nars().path(info.path().digest()).orElseThrow().signatures())
                    .containsExactly("k:2");
        }
    }

    @Test
    void publish_ruleRefuses_publishesNothing(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            PathInfo info = TestStore.info("one", nar);
            assertThatThrownBy(() -> store.nars().publish(info, (known, published) -> {
                        throw new IOException("no");
                    }))
                    .hasMessage("no");
            store.nars().flush();
            assertThat(store.nars().path(info.path().digest())).isEmpty();
        }
    }

    @Test
    void publish_lookUpFails_publishesNothing(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        PathInfo info = TestStore.info("one", nar);
        AtomicBoolean failing = new AtomicBoolean(true);
        WatchedBlockStore.Watch watch = new WatchedBlockStore.Watch() {
            @Override
            public void commit(BlockStore store, List<Entry> entries) {}

            @Override
            public void get(Table table) throws StoreException {
                if (table == Table.UNCLAIMED && failing.get()) {
                    throw new StoreException(StoreException.Kind.FAILED, "cannot be read");
                }
            }
        };
        try (TestStore store = TestStore.open(directory, blocks -> new WatchedBlockStore(blocks, watch))) {
            store.ingest(nar);
            assertThatThrownBy(() -> store.nars().publish(info)).hasMessage("cannot be read");
            store.nars().flush();
            assertThat(store.nars().path(info.path().digest())).isEmpty();
            failing.set(false);
            store.add("one", nar);
            assertThat(store.nars().path(info.path().digest())).contains(info);
        }
    }

    @Test
    void publish_narThatIsNotThere_isRefused(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = TestStore.info("absent", Nars.small(1));
            assertThatThrownBy(() -> store.nars().publish(info))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("absent")
                    .hasMessageContaining("not stored");
            store.nars().flush();
            assertThat(store.nars().path(info.path().digest())).isEmpty();
        }
    }

    @Test
    void publish_narSizeOfAnotherNar_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.small(1);
        try (TestStore store = TestStore.open(directory)) {
            PathInfo wrong = TestStore.info("wrong", Sha256.hash(nar), nar.length + 8L);
            PathInfo negative = TestStore.info("negative", Sha256.hash(nar), -1);
            store.ingest(nar);
            assertThatThrownBy(() -> store.nars().publish(wrong)).isInstanceOf(NarMismatchException.class);
            store.nars().flush();
            assertThatThrownBy(() -> store.nars().publish(wrong)).isInstanceOf(NarMismatchException.class);
            assertThatThrownBy(() -> store.nars().publish(negative)).isInstanceOf(NarMismatchException.class);
            store.add("right", nar);
            assertThat(store.nars().path(wrong.path().digest())).isEmpty();
        }
    }

    @Test
    void publish_pathBeforeItsFutureCompletes_isNotVisible(@TempDir Path directory) throws Exception {
        byte[] nar = Nars.random(1);
        CompletableFuture<Void> go = new CompletableFuture<>();
        try (TestStore store = TestStore.open(directory, Gate.closedUntil(go))) {
            PathInfo info = TestStore.info("late", nar);
            store.ingest(nar);
            CompletableFuture<Void> published = store.nars().publish(info);
            assertThat(published).isNotDone();
            assertThat(store.nars().hasNar(info.narHash())).isTrue();
            assertThat(store.nars().narSize(info.narHash())).contains((long) nar.length);
            assertThat(store.nars().openNar(info.narHash())).isEmpty();
            assertThat(store.nars().openRange(info.narHash(), 0, 1)).isEmpty();
            assertThat(store.nars().path(info.path().digest())).isEmpty();
            go.complete(null);
            published.get();
            assertThat(store.nars().path(info.path().digest())).contains(info);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void publish_pathOfAStoredNar_needsNoIngest(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.small(1);
        try (TestStore store = TestStore.open(directory)) {
            store.add("one", nar);
        }
        try (TestStore store = TestStore.open(directory)) {
            PathInfo two = TestStore.info("two", nar);
            TestStore.await(store.nars().publish(two));
            assertThat(store.nars().path(two.path().digest())).contains(two);
            StoreStats stats = store.nars().stats();
            assertThat(stats.paths()).isEqualTo(2);
            assertThat(stats.nars()).isEqualTo(1);
        }
    }

    @Test
    void publish_samePathAgain_replacesWhatIsSaidOfIt(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            PathInfo first = store.add("path", Nars.small(1));
            PathInfo second = store.add("path", Nars.small(2));
            assertThat(second.path()).isEqualTo(first.path());
            assertThat(store.nars().path(first.path().digest())).contains(second);
            assertThat(store.nars().stats().paths()).isEqualTo(1);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }
}
