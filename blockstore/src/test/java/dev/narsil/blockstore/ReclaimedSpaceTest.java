package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collection gives back to the file system. */
class ReclaimedSpaceTest {

    private static final int MIB = 1 << 20;

    private static byte[] nar(long seed, int size) {
        return Nars.file(Nars.noise(seed, size));
    }

    private static void keep(TestStore store, byte[] nar) throws IOException {
        store.ingest(nar);
        var _ = store.nars()
                .keep(
                        Sha256.hash(nar),
                        DailyCollection.OPTIONS.unclaimedBefore().minus(Duration.ofHours(1)),
                        List.of());
    }

    private static void publish(TestStore store, byte[] nar) throws IOException {
        store.ingest(nar);
        CompletableFuture<Void> published =
                store.nars().publish(TestStore.info(Sha256.hash(nar).toHex(), nar));
        assertThat(published).isNotCompletedExceptionally();
    }

    private static GarbageReport collect(TestStore store) throws IOException {
        return store.nars().collectGarbage(DailyCollection.OPTIONS, GarbageProgress.NONE);
    }

    private static Set<String> packFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".blob"))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void collect_wholeFilesOfGarbage_removesTheFiles(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            publish(store, nar(1, 30 * MIB));
            store.nars().flush();
            Set<String> live = packFiles(directory);
            keep(store, nar(2, 30 * MIB));
            store.nars().flush();
            GarbageReport report = collect(store);
            assertThat(report.freedBytes()).isBetween(28L * MIB, 31L * MIB);
            assertThat(packFiles(directory)).isEqualTo(live);
            assertThat(store.nars().stats().packBytes()).isLessThan(31L * MIB);
        }
    }

    @Test
    void collect_filesHalfOfGarbage_writesTheOtherHalfAnew(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            for (int i = 0; i < 4; i++) {
                publish(store, nar(100 + i, 6 * MIB));
                keep(store, nar(200 + i, 6 * MIB));
            }
            store.nars().flush();
            long before = store.nars().stats().packBytes();
            GarbageReport report = collect(store);
            assertThat(report.nars()).isEqualTo(4);
            assertThat(report.freedBytes()).isGreaterThan(15L * MIB);
            assertThat(store.nars().stats().packBytes()).isLessThan(before - 15L * MIB);
        }
        try (TestStore store = TestStore.open(directory)) {
            for (int i = 0; i < 4; i++) {
                byte[] nar = nar(100 + i, 6 * MIB);
                assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            }
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
            assertThat(store.nars().stats().packBytes()).isLessThan(33L * MIB);
        }
    }

    @Test
    void collect_littleGarbage_rewritesNothing(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            publish(store, nar(1, 24 * MIB));
            keep(store, nar(2, 3 * MIB));
            publish(store, nar(3, 2 * MIB));
            store.nars().flush();
            Set<String> files = packFiles(directory);
            GarbageReport report = collect(store);
            assertThat(report.packs()).isPositive();
            assertThat(files).as("files there were before").containsAll(packFiles(directory));
        }
    }
}
