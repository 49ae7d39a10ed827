package dev.narsil.blockstore;

import static dev.narsil.blockstore.DailyCollection.NOW;
import static dev.narsil.blockstore.DailyCollection.YESTERDAY;
import static dev.narsil.blockstore.DailyCollection.alias;
import static dev.narsil.blockstore.DailyCollection.assertSound;
import static dev.narsil.blockstore.DailyCollection.collect;
import static dev.narsil.blockstore.DailyCollection.keep;
import static dev.narsil.blockstore.DailyCollection.key;
import static dev.narsil.blockstore.DailyCollection.nar;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collection takes and what it leaves. */
class GarbageCollectionTest {

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
            assertThat(store.nars().hasUnclaimedNar(DailyCollection.OPTIONS.unclaimedBefore()))
                    .isTrue();

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
            assertThat(store.nars().hasUnclaimedNar(DailyCollection.OPTIONS.unclaimedBefore()))
                    .isFalse();
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

            GarbageOptions tomorrow = new GarbageOptions(NOW, NOW.plusSeconds(1), DailyCollection.OPTIONS.aliases());
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
                assertThatThrownBy(() -> store.nars().collectGarbage(DailyCollection.OPTIONS, (phase, _, _) -> {
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
            store.nars().collectGarbage(DailyCollection.OPTIONS, (_, _, _) -> {
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
}
