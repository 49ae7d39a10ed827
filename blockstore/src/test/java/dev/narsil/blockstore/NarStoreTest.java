package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.blockstore.testing.WatchedBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.testing.RandomNar;
import dev.narsil.rewrite.testing.Splits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NarStoreTest {

    static LongStream seeds() {
        return Seeds.fresh(12);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_randomNarInRandomPieces_comesBack(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        List<Digest> digests = RandomNar.digests(seed, random.nextInt(40));
        byte[] nar = RandomNar.of(seed).bytes(digests);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            IngestedNar ingested;
            try (NarIngest ingest = store.nars().ingest(hash, nar.length)) {
                Splits.random(nar, 1 + random.nextInt(300_000), random, ingest::write);
                ingested = ingest.finish();
            }
            assertThat(ingested.narHash()).isEqualTo(hash);
            assertThat(ingested.narSize()).isEqualTo(nar.length);
            assertThat(ingested.opaqueReason()).isNull();
            assertThat(ingested.holes()).isGreaterThanOrEqualTo(digests.size());
            store.nars().flush();
            assertThat(store.read(hash)).isEqualTo(nar);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.read(hash)).isEqualTo(nar);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_howeverTheNarIsSplit_storesTheSameBlocks(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        byte[] nar = Nars.random(seed);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            store.add("first", nar);
            StoreStats first = store.nars().stats();
            for (int longest : new int[] {7, 1 << 10, 64 << 10, nar.length}) {
                try (NarIngest ingest = store.nars().ingest(hash, nar.length)) {
                    Splits.random(nar, longest, random, ingest::write);
                    ingest.finish();
                }
                store.nars().flush();
            }
            StoreStats again = store.nars().stats();
            assertThat(again.blocks()).isEqualTo(first.blocks());
            assertThat(again.recipes()).isEqualTo(1);
            assertThat(again.nars()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_notAnnounced_tellsHashAndSizeAndComesBack(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        byte[] nar = RandomNar.of(seed).bytes(RandomNar.digests(seed, random.nextInt(40)));
        try (TestStore store = TestStore.open(directory)) {
            IngestedNar ingested;
            try (NarIngest ingest = store.nars().ingest((long) nar.length)) {
                Splits.random(nar, 1 + random.nextInt(300_000), random, ingest::write);
                ingested = ingest.finish();
            }
            assertThat(ingested.narHash()).isEqualTo(Sha256.hash(nar));
            assertThat(ingested.narSize()).isEqualTo(nar.length);
            store.nars().flush();
            assertThat(store.read(ingested.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void ingest_notAnnouncedAndLongerThanAllowed_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        try (TestStore store = TestStore.open(directory);
                NarIngest ingest = store.nars().ingest(nar.length - 1L)) {
            assertThatThrownBy(() -> ingest.write(nar, 0, nar.length))
                    .isInstanceOf(NarMismatchException.class)
                    .hasMessage("the NAR has more than " + (nar.length - 1) + " bytes");
        }
    }

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
    void keep_narThatIsNotThere_isRefused(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            assertThatThrownBy(() -> store.nars().keep(Sha256.hash(new byte[1]), Instant.EPOCH, List.of()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is not stored");
        }
    }

    @Test
    void write_records_areDurable(@TempDir Path directory) throws IOException {
        byte[] key = {7};
        try (TestStore store = TestStore.open(directory)) {
            CompletableFuture<Void> written = store.nars().write(List.of(new Entry(Table.TOKEN, key, new byte[] {8})));
            store.nars().expedite();
            TestStore.await(written);
        }
        try (TestStore store = TestStore.open(directory)) {
            List<byte[]> seen = new ArrayList<>();
            store.nars().forEachRecord(Table.TOKEN, (at, value) -> seen.add(value));
            assertThat(seen).hasSize(1);
            assertThat(seen.getFirst()).containsExactly(8);
        }
    }

    @Test
    void ingest_emptyDirectory_comesBack(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.files();
        assertThat(nar).hasSize(96);
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = store.add("empty", nar);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
            assertThat(store.nars().stats().blocks()).isEqualTo(1);
        }
    }

    @Test
    void ingest_fileLargerThanManyPacks_comesBackFromPacksAsTheyAre(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 9 << 20));
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = store.add("noise", nar);
            StoreStats stats = store.nars().stats();
            assertThat(stats.packs()).isGreaterThan(8);
            assertThat(stats.strippedUniqueBytes()).isEqualTo(nar.length);
            assertThat(stats.packBytes()).isBetween((long) nar.length, nar.length + nar.length / 50L);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void ingest_zerosThatAreNoHoles_comeBackAsZeros(@TempDir Path directory) throws IOException {
        Digest digest = TestStore.digest("some");
        byte[] contents = Nars.concat(
                new byte[32],
                Nars.reference(digest),
                new byte[32],
                Nars.ascii("/nix/store/"),
                new byte[32],
                Nars.ascii("-x eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee 00000000000000000000000000000000 "),
                new byte[64]);
        byte[] nar = Nars.file(contents);
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.ingest(nar).holes()).isEqualTo(1);
            store.nars().flush();
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
        }
    }

    @Test
    void ingest_moreDigestsThanHolesMayBe_comesBack(@TempDir Path directory) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("/nix/store/").append(TestStore.digest("digest" + i)).append('-');
        }
        for (int i = 0; i < 9000; i++) {
            text.append(TestStore.digest("digest" + i % 7)).append('/');
        }
        byte[] nar = Nars.file(Nars.ascii(text.toString()));
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.ingest(nar).holes()).isBetween(1000L, nar.length / 64 + 65L);
            store.nars().flush();
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
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

    @Test
    void forEachPath_visitsPathsInOrderOfTheirDigestsBytes(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            List<PathInfo> added = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] nar = Nars.small(i % 3);
                store.ingest(nar);
                PathInfo info = TestStore.info("path" + i, nar);
                added.add(info);
                var _ = store.nars().publish(info);
            }
            store.nars().flush();
            List<PathInfo> visited = new ArrayList<>();
            store.nars().forEachPath(visited::add);
            assertThat(visited).containsExactlyInAnyOrderElementsOf(added);
            assertThat(visited)
                    .extracting(info -> info.path().digest().bytes())
                    .isSortedAccordingTo(java.util.Arrays::compareUnsigned);
        }
    }

    @Test
    void flush_withoutPublish_makesTheNarDurable(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(3);
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            assertThat(store.opens(Sha256.hash(nar))).isTrue();
        }
    }

    @Test
    void close_withUnfinishedBusiness_makesItDurable(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(4);
        PathInfo info = TestStore.info("last", nar);
        CompletableFuture<Void> published;
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            published = store.nars().publish(info);
        }
        assertThat(published).isCompleted();
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.nars().path(info.path().digest())).contains(info);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void ingest_usedAfterItsClose_isRefusedAndLeavesTheNextAlone(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(8);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            NarIngest closed = store.nars().ingest(hash, nar.length);
            closed.write(nar, 0, 1000);
            closed.close();
            closed.close();
            try (NarIngest next = store.nars().ingest(hash, nar.length);
                    NarIngest other = store.nars().ingest(hash, nar.length)) {
                next.write(nar, 0, nar.length / 2);
                assertThatThrownBy(() -> closed.write(nar, 1000, 1000)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(closed::finish).isInstanceOf(IllegalStateException.class);
                other.write(nar, 0, nar.length);
                next.write(nar, nar.length / 2, nar.length - nar.length / 2);
                next.finish();
                other.finish();
            }
            store.nars().flush();
            assertThat(store.read(hash)).isEqualTo(nar);
        }
    }

    @Test
    void close_thenUse_saysSo(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(5);
        byte[] other = Nars.random(6);
        TestStore store = TestStore.open(directory);
        PathInfo info = store.add("path", nar);
        NarReader opened = store.nars().openNar(info.narHash()).orElseThrow();
        NarIngest begun = store.nars().ingest(Sha256.hash(other), other.length);
        store.close();
        store.close();
        assertClosed(() -> store.nars().path(info.path().digest()));
        assertClosed(() -> store.nars().hasNar(info.narHash()));
        assertClosed(() -> store.nars().openNar(info.narHash()));
        assertClosed(() -> store.nars().openRange(info.narHash(), 0, 1));
        assertClosed(() -> store.nars().publish(info));
        assertClosed(() -> store.nars().flush());
        assertClosed(() -> store.nars().stats());
        assertClosed(() -> store.nars().verify(VerifyProgress.NONE));
        assertClosed(() -> store.nars().ingest(info.narHash(), 1));
        assertClosed(() -> store.nars().forEachPath(path -> {}));
        assertClosed(() -> TestStore.drain(opened));
        assertClosed(() -> {
            begun.write(other, 0, other.length);
            begun.finish();
        });
        begun.close();
    }

    private static void assertClosed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StoreException.class).hasMessageContaining("closed");
    }
}
