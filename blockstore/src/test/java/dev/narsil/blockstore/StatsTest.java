package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatsTest {

    @Test
    void stats_emptyStore_isZeroButForMetadata(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            StoreStats stats = store.nars().stats();
            assertThat(stats)
                    .isEqualTo(
                            new StoreStats(0, 0, 0, 0, 0, 0, stats.metadataBytes(), stats.storedBytes(), 0, 0, 0, 0));
            assertThat(stats.metadataBytes()).isPositive().isEqualTo(stats.storedBytes());
        }
    }

    @Test
    void stats_knownStore_countsRight(@TempDir Path directory) throws IOException {
        byte[] small = Nars.file(Nars.noise(1, 1000));
        byte[] first = Nars.file(Nars.concat(Nars.noise(2, 1000), Nars.reference(TestStore.digest("a"))));
        byte[] second = Nars.file(Nars.concat(Nars.noise(2, 1000), Nars.reference(TestStore.digest("b"))));
        byte[] third = Nars.files(Nars.noise(3, 20_000), Nars.noise(3, 20_000));
        try (TestStore store = TestStore.open(directory)) {
            store.add("small", small);
            store.add("small-again", small);
            store.add("first", first);
            store.add("second", second);
            store.ingest(third);
            store.nars().flush();
            StoreStats stats = store.nars().stats();
            assertThat(stats.paths()).isEqualTo(4);
            assertThat(stats.nars()).isEqualTo(4);
            assertThat(stats.narBytes()).isEqualTo(2L * small.length + first.length + second.length);
            assertThat(stats.uniqueNarBytes())
                    .isEqualTo((long) small.length + first.length + second.length + third.length);
            assertThat(stats.recipes()).isEqualTo(3);
            assertThat(stats.holes()).isEqualTo(1);
            // the file of the third is stored once
            Recipe recipe = NarReaderTest.recipe(store, Sha256.hash(third));
            int once = third.length - 20_000;
            assertThat(recipe.narSize()).isEqualTo(third.length);
            assertThat(stats.strippedUniqueBytes()).isEqualTo((long) small.length + first.length + once);
            assertThat(stats.packs()).isEqualTo(3);
            assertThat(stats.storedBytes()).isEqualTo(stats.packBytes() + stats.metadataBytes());
        }
    }

    @Test
    void storedBytes_afterClose_agreeWithTheDisk(@TempDir Path directory) throws Exception {
        try (TestStore store = TestStore.open(directory)) {
            for (int i = 0; i < 24; i++) {
                store.ingest(Nars.file(Nars.noise(i, 1_000_000)));
            }
            for (int i = 0; i < 40; i++) {
                RandomNar built = new RandomNar((long) i % 20, StoreDir.DEFAULT, 20, 128 << 10);
                byte[] nar = built.bytes(RandomNar.digests(i, 20));
                store.ingest(nar);
                var _ = store.nars().publish(TestStore.info("path" + i, nar));
            }
        }
        long onDisk = diskUsage(directory);
        try (TestStore store = TestStore.open(directory)) {
            StoreStats stats = store.nars().stats();
            assertThat(stats.storedBytes()).isGreaterThan(24_000_000).isCloseTo(onDisk, Percentage.withPercentage(2));
            assertThat((double) stats.metadataBytes() / stats.storedBytes()).isCloseTo(0, within(0.03));
            assertThat(stats.packBytes()).isLessThan(stats.strippedUniqueBytes());
        }
    }

    private static long diskUsage(Path directory) throws Exception {
        Process du = new ProcessBuilder("du", "-s", "-B1", directory.toString()).start();
        String out = new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(out.split("\t", 2)[0]);
    }
}
