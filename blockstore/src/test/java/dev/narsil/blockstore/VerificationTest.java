package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification counts and tells. */
class VerificationTest {

    private final TwoNars nars;

    VerificationTest(@TempDir Path directory) throws IOException {
        this.nars = new TwoNars(directory);
    }

    @Test
    void verify_soundStore_countsEverythingAndFindsNothing() throws IOException {
        try (TestStore store = TestStore.open(nars.directory)) {
            StoreStats stats = store.nars().stats();
            VerifyReport report = store.nars().verify(VerifyProgress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.packs()).isEqualTo(stats.packs()).isGreaterThan(3);
            assertThat(report.blocks()).isEqualTo(stats.blocks());
            assertThat(report.nars()).isEqualTo(2);
            assertThat(report.paths()).isEqualTo(2);
            assertThat(report.narBytes()).isEqualTo(stats.uniqueNarBytes());
        }
    }

    @Test
    void verify_emptyStore_findsNothing(@TempDir Path empty) throws IOException {
        try (TestStore store = TestStore.open(empty)) {
            VerifyReport report = store.nars().verify(VerifyProgress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.packs() + report.blocks() + report.nars() + report.paths())
                    .isZero();
        }
    }

    @Test
    void verify_progress_countsUpToTheTotalOfEveryPhase() throws IOException {
        List<String> phases = new ArrayList<>();
        Map<String, Long> most = new HashMap<>();
        Map<String, Long> totals = new HashMap<>();
        try (TestStore store = TestStore.open(nars.directory)) {
            VerifyReport report = store.nars().verify((phase, done, total, bytes) -> {
                synchronized (phases) {
                    if (!phases.contains(phase)) {
                        phases.add(phase);
                    }
                    most.merge(phase, done, Math::max);
                    assertThat(totals.merge(phase, total, (before, now) -> now)).isEqualTo(total);
                    assertThat(done).isBetween(0L, total);
                    assertThat(bytes).isNotNegative();
                }
            });
            assertThat(phases).containsExactly("metadata", "packs", "NARs", "paths");
            assertThat(most).isEqualTo(totals);
            assertThat(totals).containsEntry("packs", report.packs()).containsEntry("NARs", 2L);
        }
    }

    @Test
    void verify_whileOthersImport_findsNothing() throws Exception {
        try (TestStore store = TestStore.open(nars.directory)) {
            AtomicBoolean enough = new AtomicBoolean();
            Thread importer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; !enough.get(); i++) {
                        store.add("path" + i, Nars.file(Nars.noise(100 + i, 20_000)));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 8; i++) {
                assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
            }
            enough.set(true);
            importer.join();
        }
    }
}
