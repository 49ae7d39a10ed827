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
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GarbageCollectionTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Instant YESTERDAY = NOW.minus(Duration.ofHours(25));

    /** Collects what was unclaimed a day ago; the value of an alias is the NAR it stands for. */
    static final GarbageOptions DAILY =
            new GarbageOptions(NOW, NOW.minus(Duration.ofHours(24)), (_, value) -> Sha256.of(value));

    private static GarbageReport collect(TestStore store) throws IOException {
        return store.nars().collectGarbage(DAILY, GarbageProgress.NONE);
    }

    /** Takes a NAR in and keeps it since a time. */
    private static Sha256 keep(TestStore store, byte[] nar, Instant since, Entry... records) throws IOException {
        store.ingest(nar);
        Sha256 hash = Sha256.hash(nar);
        CompletableFuture<Void> kept = store.nars().keep(hash, since, List.of(records));
        store.nars().flush();
        TestStore.await(kept);
        return hash;
    }

    private static void assertSound(TestStore store) throws IOException {
        assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
    }

    private static byte[] nar(long seed) {
        return Nars.files(Nars.noise(seed, 200_000), Nars.reference(TestStore.digest("r" + seed)));
    }

    @Test
    void collect_unclaimedNars_takesTheOldOnesWithAllThatWasTheirs(@TempDir Path directory) throws IOException {
        byte[] shared = Nars.noise(1, 200_000);
        byte[] published = Nars.files(shared, Nars.noise(2, 50_000));
        byte[] old = Nars.files(shared, Nars.noise(3, 300_000));
        byte[] young = Nars.files(shared, Nars.noise(4, 60_000));
        try (TestStore store = TestStore.open(directory)) {
            store.add("published", published);
            long blocks = store.nars().stats().blocks();
            Sha256 oldHash = keep(store, old, YESTERDAY, alias(1, old), alias(2, old));
            Sha256 youngHash = keep(store, young, NOW, alias(3, young));
            assertThat(store.nars().hasUnclaimedNar(DAILY.unclaimedBefore())).isTrue();

            GarbageReport report = collect(store);
            assertThat(report.nars()).isEqualTo(1);
            assertThat(report.narBytes()).isEqualTo(old.length);
            assertThat(report.recipes()).isEqualTo(1);
            assertThat(report.blocks()).isPositive();
            assertThat(report.blockBytes()).isBetween(300_000L, 400_000L);
            assertThat(report.newlyUnclaimed()).isZero();

            assertThat(store.nars().hasNar(oldHash)).isFalse();
            assertThat(store.opens(oldHash)).isFalse();
            assertThat(store.blocks().get(Table.UNCLAIMED, oldHash.bytes())).isNull();
            assertThat(store.blocks().get(Table.ALIAS, key(1))).isNull();
            assertThat(store.blocks().get(Table.ALIAS, key(2))).isNull();
            assertThat(store.blocks().get(Table.ALIAS, key(3))).isEqualTo(youngHash.bytes());
            assertThat(store.nars().hasUnclaimedNar(DAILY.unclaimedBefore())).isFalse();
            assertThat(store.read(youngHash)).isEqualTo(young);
            assertThat(store.read(Sha256.hash(published))).isEqualTo(published);
            assertThat(store.nars().stats().blocks()).isGreaterThan(blocks);
            assertThatThrownBy(() -> store.nars().publish(TestStore.info("old", old)))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.ABSENT))
                    .hasMessageContaining("is not stored");
            assertSound(store);

            store.add("old", old);
            assertThat(store.read(oldHash)).isEqualTo(old);
            assertSound(store);
        }
    }

    private static Entry alias(int number, byte[] nar) {
        return new Entry(Table.ALIAS, key(number), Sha256.hash(nar).bytes());
    }

    private static byte[] key(int number) {
        return Nars.noise(number, Sha256.BYTES);
    }

    @Test
    void collect_claimedNar_staysAndIsNoLongerMarked(@TempDir Path directory) throws IOException {
        byte[] nar = nar(1);
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar);
            // somebody uploads it once more, after its path
            Sha256 hash = keep(store, nar, YESTERDAY);
            assertThat(store.blocks().get(Table.UNCLAIMED, hash.bytes())).isNotNull();
            GarbageReport report = collect(store);
            assertThat(report.nars()).isZero();
            assertThat(report.blocks()).isZero();
            assertThat(store.blocks().get(Table.UNCLAIMED, hash.bytes())).isNull();
            assertThat(store.read(hash)).isEqualTo(nar);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unclaimed NARs", "paths", "aliases", "NARs", "recipes", "blocks"})
    void renew_atAnyMomentOfACollection_narIsNotThereOrStays(String moment, @TempDir Path directory)
            throws IOException {
        byte[] nar = nar(1);
        Entry alias = new Entry(Table.ALIAS, key(1), Sha256.hash(nar).bytes());
        try (TestStore store = TestStore.open(directory)) {
            Sha256 hash = keep(store, nar, YESTERDAY, alias);
            List<Optional<RenewedNar>> renewed = new ArrayList<>();
            store.nars().collectGarbage(DAILY, (phase, done, total) -> {
                if (phase.equals(moment) && renewed.isEmpty()) {
                    renewed.add(renew(store, hash, alias));
                }
            });
            store.nars().flush();
            boolean here = renewed.getFirst().isPresent();
            assertThat(here).isEqualTo(!List.of("recipes", "blocks").contains(moment));
            assertThat(store.opens(hash)).isEqualTo(here);
            assertThat(store.blocks().get(Table.ALIAS, alias.key()) != null).isEqualTo(here);
            if (here) {
                assertThat(renewed.getFirst().orElseThrow().narSize()).isEqualTo(nar.length);
                assertThat(store.read(hash)).isEqualTo(nar);
                assertThat(collect(store).nars()).as("young again").isZero();
            }
            assertSound(store);
        }
    }

    private static Optional<RenewedNar> renew(TestStore store, Sha256 narHash, Entry... records) {
        try {
            return store.nars().renew(narHash, NOW, List.of(records));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void renew_markOfThisHourOrClaimedNar_writesNothing(@TempDir Path directory) throws IOException {
        byte[] claimed = nar(1);
        byte[] young = nar(2);
        AtomicInteger commits = new AtomicInteger();
        try (TestStore store = TestStore.open(
                directory, blocks -> new WatchedBlockStore(blocks, (_, _) -> commits.incrementAndGet()))) {
            store.add("path", claimed);
            keep(store, young, NOW.minus(UnclaimedNar.RENEWED_AFTER));
            int before = commits.get();
            assertThat(renew(store, Sha256.hash(claimed)).orElseThrow().durable())
                    .isCompleted();
            assertThat(renew(store, Sha256.hash(young)).orElseThrow().durable()).isCompleted();
            assertThat(renew(store, Sha256.hash(nar(3)))).isEmpty();
            store.nars().flush();
            assertThat(commits).hasValue(before);
        }
    }

    @Test
    void collect_narThatNobodyKept_isNotedAndGoesADayLater(@TempDir Path directory) throws IOException {
        byte[] nar = nar(1);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            GarbageReport first = collect(store);
            assertThat(first.newlyUnclaimed()).isEqualTo(1);
            assertThat(first.nars()).isZero();
            assertThat(store.read(hash)).isEqualTo(nar);
            assertThat(collect(store).newlyUnclaimed()).isZero();

            GarbageOptions tomorrow = new GarbageOptions(NOW, NOW.plusSeconds(1), DAILY.aliases());
            GarbageReport second = store.nars().collectGarbage(tomorrow, GarbageProgress.NONE);
            assertThat(second.nars()).isEqualTo(1);
            assertThat(store.nars().hasNar(hash)).isFalse();
            assertThat(store.nars().stats().blocks()).isZero();
            assertThat(store.nars().stats().recipes()).isZero();
        }
    }

    @Test
    void collect_cutIngests_takesTheirBlocksAndPacks(@TempDir Path directory) throws IOException {
        byte[] published = nar(1);
        byte[] cut = Nars.file(Nars.noise(7, 5 << 20));
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", published);
            try (NarIngest ingest = store.nars().ingest(Sha256.hash(cut), cut.length)) {
                ingest.write(cut, 0, 4 << 20);
                store.nars().flush();
                assertThat(store.nars().leftBytes()).isZero();
                assertThat(collect(store).blocks())
                        .as("relied on by an ingest in progress")
                        .isZero();
            }
            assertThat(store.nars().leftBytes()).isBetween(3L << 20, 4L << 20);
            GarbageReport report = collect(store);
            assertThat(report.blockBytes()).isBetween(3L << 20, 4L << 20);
            assertThat(report.packs()).isGreaterThanOrEqualTo(3);
            assertThat(store.nars().leftBytes()).isZero();
            assertThat(store.nars().stats().paths()).isEqualTo(1);
            assertThat(store.read(Sha256.hash(published))).isEqualTo(published);
            assertThat(collect(store).packs()).isZero();
            assertSound(store);
        }
    }

    @Test
    void collect_recipeSharedWithALivingNar_stays(@TempDir Path directory) throws IOException {
        byte[] one = Nars.files(Nars.noise(1, 50_000), Nars.reference(TestStore.digest("a")));
        byte[] two = Nars.files(Nars.noise(1, 50_000), Nars.reference(TestStore.digest("b")));
        try (TestStore store = TestStore.open(directory)) {
            store.add("one", one);
            keep(store, two, YESTERDAY);
            assertThat(store.nars().stats().recipes()).isEqualTo(1);
            GarbageReport report = collect(store);
            assertThat(report.nars()).isEqualTo(1);
            assertThat(report.recipes()).isZero();
            assertThat(report.blocks()).isZero();
            assertThat(store.read(Sha256.hash(one))).isEqualTo(one);
            assertSound(store);
        }
    }

    @Test
    void collect_aliasOfNothing_goes(@TempDir Path directory) throws IOException {
        byte[] nar = nar(1);
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar);
            CompletableFuture<Void> written = store.nars().write(List.of(alias(1, nar), alias(2, nar(2))));
            store.nars().flush();
            TestStore.await(written);
            collect(store);
            assertThat(store.blocks().get(Table.ALIAS, key(1))).isNotNull();
            assertThat(store.blocks().get(Table.ALIAS, key(2))).isNull();
        }
    }

    @Test
    void collect_packsThatAFailedCommitLeft_go(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            store.blocks().commit(List.of(new Entry(Table.PACK, PackCache.key(0), Nars.noise(1, 1000))));
        }
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar(1));
            assertThat(collect(store).packs()).isEqualTo(1);
            assertThat(store.blocks().get(Table.PACK, PackCache.key(0))).isNull();
            assertSound(store);
        }
    }

    /** Everything that is deleted is gone for good before what it refers to is. */
    @Test
    void collect_anyCommit_leavesNothingThatRefersToSomethingMissing(@TempDir Path directory) throws IOException {
        List<Table> order = new ArrayList<>();
        try (TestStore store = TestStore.open(
                directory,
                blocks -> new WatchedBlockStore(blocks, (_, entries) -> {
                    for (Entry entry : entries) {
                        if (entry.value() == null && (order.isEmpty() || order.getLast() != entry.table())) {
                            order.add(entry.table());
                        }
                    }
                }))) {
            store.add("path", nar(1));
            keep(store, Nars.file(Nars.noise(7, 3 << 20)), YESTERDAY);
            collect(store);
        }
        assertThat(order).containsExactly(Table.NAR, Table.UNCLAIMED, Table.RECIPE, Table.BLOCK, Table.PACK);
    }

    @Test
    void collect_endsInTheMiddle_theNextGoesOn(@TempDir Path directory) throws IOException {
        for (String last : List.of("paths", "NARs", "recipes", "blocks", "packs", "freeing space")) {
            Path each = directory.resolve(last);
            try (TestStore store = TestStore.open(each)) {
                store.add("path", nar(1));
                keep(store, Nars.file(Nars.noise(7, 3 << 20)), YESTERDAY);
                assertThatThrownBy(() -> store.nars().collectGarbage(DAILY, (phase, _, _) -> {
                            if (phase.equals(last)) {
                                throw new CancellationException(phase);
                            }
                        }))
                        .isInstanceOf(CancellationException.class);
                assertSound(store);
                assertThat(store.read(Sha256.hash(nar(1)))).isEqualTo(nar(1));
                collect(store);
                assertThat(store.nars().stats().nars()).isEqualTo(1);
                assertThat(store.nars().stats().recipes()).isEqualTo(1);
                assertSound(store);
            }
        }
    }

    @Test
    void collect_whileAnotherCollects_isBusy(@TempDir Path directory) throws Exception {
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar(1));
            CompletableFuture<Throwable> second = new CompletableFuture<>();
            store.nars().collectGarbage(DAILY, (_, _, _) -> {
                if (!second.isDone()) {
                    Thread thread = Thread.ofPlatform().start(() -> {
                        try {
                            collect(store);
                            second.complete(new AssertionError("it went through"));
                        } catch (IOException e) {
                            second.complete(e);
                        }
                    });
                    joinUnchecked(thread);
                }
            });
            assertThat(second.get())
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.BUSY));
        }
    }

    private static void joinUnchecked(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What comes to rely on something after the collection has begun keeps it, whatever phase it is in. */
    @Test
    void collect_publishedOrTakenInMeanwhile_staysWhole(@TempDir Path directory) throws IOException {
        for (String moment : List.of("unclaimed NARs", "paths", "aliases", "NARs", "recipes", "blocks", "packs")) {
            byte[] claimed = nar(1);
            byte[] again = nar(2);
            byte[] sharing = Nars.files(Nars.noise(3, 200_000), Nars.noise(4, 70_000));
            Path each = directory.resolve(moment);
            try (TestStore store = TestStore.open(each)) {
                keep(store, claimed, YESTERDAY);
                keep(store, again, YESTERDAY);
                keep(store, Nars.file(Nars.noise(3, 200_000)), YESTERDAY);
                boolean[] done = new boolean[2];
                store.nars().collectGarbage(DAILY, (phase, _, _) -> {
                    if (phase.equals(moment) && !done[0]) {
                        done[0] = true;
                        done[1] = claim(store, claimed);
                        addUnchecked(store, again, "again");
                        addUnchecked(store, sharing, "sharing");
                    }
                });
                assertThat(done[0]).as(moment).isTrue();
                if (done[1]) {
                    assertThat(store.read(Sha256.hash(claimed))).isEqualTo(claimed);
                }
                assertThat(done[1]).as("published at " + moment).isEqualTo(store.opens(Sha256.hash(claimed)));
                assertThat(store.read(Sha256.hash(again))).isEqualTo(again);
                assertThat(store.read(Sha256.hash(sharing))).isEqualTo(sharing);
                assertSound(store);
                collect(store);
                assertThat(store.read(Sha256.hash(again))).isEqualTo(again);
                assertThat(store.read(Sha256.hash(sharing))).isEqualTo(sharing);
                assertSound(store);
            }
        }
    }

    /** A NAR that comes once more while its old entry is about to go is there afterwards, with a path or without. */
    @Test
    void collect_takenInAgainMeanwhile_isThereAfterwards(@TempDir Path directory) throws IOException {
        byte[] nar = nar(1);
        try (TestStore store = TestStore.open(directory)) {
            Sha256 hash = keep(store, nar, YESTERDAY);
            GarbageReport report = store.nars().collectGarbage(DAILY, (phase, _, _) -> {
                if (phase.equals("aliases")) {
                    ingestUnchecked(store, nar);
                }
            });
            assertThat(report.nars()).isZero();
            assertThat(store.read(hash)).isEqualTo(nar);
            assertThat(claim(store, nar)).isTrue();
            assertSound(store);
        }
    }

    private static void ingestUnchecked(TestStore store, byte[] nar) {
        try {
            store.ingest(nar);
            store.nars().flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean claim(TestStore store, byte[] nar) {
        try {
            CompletableFuture<Void> published = store.nars().publish(TestStore.info("claimed", nar));
            store.nars().flush();
            TestStore.await(published);
            return true;
        } catch (StoreException e) {
            assertThat(e.kind()).isEqualTo(StoreException.Kind.ABSENT);
            return false;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void addUnchecked(TestStore store, byte[] nar, String name) {
        try {
            store.add(name, nar);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void read_ofANarThatIsCollectedMeanwhile_endsWithAnError(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(7, 40 << 20));
        try (TestStore store = TestStore.open(directory)) {
            Sha256 hash = keep(store, nar, YESTERDAY);
            try (NarReader reader = store.nars().openNar(hash).orElseThrow()) {
                assertThat(reader.next()).isNotNull();
                collect(store);
                assertThatThrownBy(() -> {
                            while (reader.next() != null) {
                                assertThat(store.opens(hash)).isFalse();
                            }
                        })
                        .isInstanceOfSatisfying(
                                StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.ABSENT))
                        .hasMessageContaining("collected");
            }
        }
    }
}
