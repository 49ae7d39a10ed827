package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.ChildJvm;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kills an importing process again and again, and looks at what it leaves. */
class CrashTest {

    private static final int KILLS = 21;
    private static final int KILLS_A_LOOK = 3;
    private static final int MOST_REPORTS = 40;
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    private final Set<Integer> reported = new HashSet<>();
    private final Set<Integer> seen = new HashSet<>();

    static LongStream seeds() {
        return Seeds.fresh(1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void import_killedAtRandomMoments_leavesWhatItReportedAndNothingHalf(long seed, @TempDir Path directory)
            throws Exception {
        Random moments = new Random(seed);
        for (int kill = 1; kill <= KILLS; kill++) {
            importAndKill(directory, seed, moments);
            if (kill % KILLS_A_LOOK == 0) {
                look(directory, seed);
            }
        }
        try (TestStore store = TestStore.open(directory)) {
            VerifyReport report = store.nars().verify(VerifyProgress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.paths()).isEqualTo(seen.size());
        }
        assertThat(reported).as("paths reported").hasSizeGreaterThan(KILLS);
    }

    private void importAndKill(Path directory, long seed, Random moments) throws Exception {
        int reports = moments.nextInt(5) == 0 ? 0 : moments.nextInt(MOST_REPORTS);
        Process child = ChildJvm.start(EndlessImport.class, directory.toString(), String.valueOf(seed));
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(out.readLine()).isEqualTo(EndlessImport.STARTED);
            for (int i = 0; i < reports; i++) {
                String line = out.readLine();
                assertThat(line).as("the importer ended by itself").isNotNull();
                reported.add(Integer.valueOf(line));
            }
            LockSupport.parkNanos(moments.nextLong(LONGEST_NANOS));
            // not of Process, which would close the stream
            child.toHandle().destroyForcibly();
            // the last line may be torn off
            List<String> rest = new ArrayList<>();
            out.lines().forEach(rest::add);
            for (int i = 0; i < rest.size() - 1; i++) {
                reported.add(Integer.valueOf(rest.get(i)));
            }
        }
        assertThat(child.waitFor()).as("killed, not ended").isEqualTo(128 + 9);
    }

    /** Opens the store and reads what is new in it. */
    private void look(Path directory, long seed) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            Set<Integer> visible = new HashSet<>();
            store.nars().forEachPath(info -> {
                int number = Integer.parseInt(
                        info.path().name().substring(EndlessImport.name(0).length() - 1));
                visible.add(number);
                if (seen.add(number)) {
                    byte[] nar = EndlessImport.nar(seed, number);
                    assertThat(info).isEqualTo(TestStore.info(EndlessImport.name(number), nar));
                    assertThat(store.read(info.narHash())).isEqualTo(nar);
                }
            });
            assertThat(visible).containsAll(reported).containsAll(seen);
            assertThat(store.nars().stats().paths()).isEqualTo(visible.size());
        }
    }
}
