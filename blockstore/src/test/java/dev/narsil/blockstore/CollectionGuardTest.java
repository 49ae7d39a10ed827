package dev.narsil.blockstore;

import static dev.narsil.blockstore.DailyCollection.NOW;
import static dev.narsil.blockstore.DailyCollection.YESTERDAY;
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
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes to be relied on while a collection runs, at whatever moment. */
class CollectionGuardTest {

    @ParameterizedTest
    @ValueSource(strings = {"unclaimed NARs", "paths", "aliases", "NARs", "recipes", "blocks"})
    void renew_atAnyMomentOfACollection_narIsNotThereOrStays(String moment, @TempDir Path directory)
            throws IOException {
        byte[] nar = nar(1);
        Entry alias = new Entry(Table.ALIAS, key(1), Sha256.hash(nar).bytes());
        try (TestStore store = TestStore.open(directory)) {
            Sha256 hash = keep(store, nar, YESTERDAY, alias);
            List<Optional<RenewedNar>> renewed = new ArrayList<>();
            store.nars().collectGarbage(DailyCollection.OPTIONS, (phase, done, total) -> {
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

    private static Optional<RenewedNar> renew(TestStore store, Sha256 narHash, Entry... records) {
        try {
            return store.nars().renew(narHash, NOW, List.of(records));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
                store.nars().collectGarbage(DailyCollection.OPTIONS, (phase, _, _) -> {
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
            GarbageReport report = store.nars().collectGarbage(DailyCollection.OPTIONS, (phase, _, _) -> {
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
            throw new UncheckedIOException(e);
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
            throw new UncheckedIOException(e);
        }
    }

    private static void addUnchecked(TestStore store, byte[] nar, String name) {
        try {
            store.add(name, nar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
