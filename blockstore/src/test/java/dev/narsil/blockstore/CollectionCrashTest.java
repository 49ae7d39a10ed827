package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.ChildJvm;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
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
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kills a process that collects garbage while NARs come in, again and again, and looks at what it leaves. */
class CollectionCrashTest {

    private static final int KILLS = 8;
    private static final int MOST_REPORTS = 12;
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    private final TreeSet<Integer> reported = new TreeSet<>();

    static LongStream seeds() {
        return Seeds.fresh(1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void collection_killedAtRandomMoments_leavesWhatWasReportedAndNothingHalf(long seed, @TempDir Path directory)
            throws Exception {
        Random moments = new Random(seed);
        for (int kill = 0; kill < KILLS; kill++) {
            collectAndKill(directory, seed, moments);
            try (TestStore store = TestStore.open(directory)) {
                look(store, seed);
            }
        }
        assertThat(reported).as("paths reported").hasSizeGreaterThan(KILLS);
        try (TestStore store = TestStore.open(directory)) {
            EndlessCollection.collect(store);
            EndlessCollection.collect(store);
            look(store, seed);
            requireNoGarbage(store);
        }
    }

    private void collectAndKill(Path directory, long seed, Random moments) throws Exception {
        int reports = 1 + moments.nextInt(MOST_REPORTS);
        // numbers of an earlier process are not used again: what it has published is there
        String first = String.valueOf(reported.isEmpty() ? 0 : reported.last() + 100);
        Process child = ChildJvm.start(EndlessCollection.class, directory.toString(), String.valueOf(seed), first);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(out.readLine()).isEqualTo(EndlessCollection.STARTED);
            for (int i = 0; i < reports; i++) {
                String line = out.readLine();
                assertThat(line).as("the process ended by itself").isNotNull();
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

    private void look(TestStore store, long seed) throws IOException {
        for (int number : reported) {
            byte[] nar = EndlessCollection.nar(seed, number);
            assertThat(store.nars().path(TestStore.digest(EndlessCollection.name(number))))
                    .contains(TestStore.info(EndlessCollection.name(number), nar));
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
        }
        assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        requireAliasesOfSomething(store);
    }

    private static void requireAliasesOfSomething(TestStore store) throws IOException {
        store.blocks()
                .scan(
                        Table.ALIAS,
                        (_, value) -> assertThat(store.nars().hasNar(Sha256.of(value)))
                                .as("an alias has its NAR")
                                .isTrue());
    }

    private static void requireNoGarbage(TestStore store) throws IOException {
        StoreStats stats = store.nars().stats();
        assertThat(stats.nars()).isEqualTo(stats.paths());
        Set<Sha256> recipes = new HashSet<>();
        store.blocks()
                .scan(
                        Table.NAR,
                        (_, value) -> recipes.add(NarEntry.decode(value).recipe()));
        assertThat(stats.recipes()).isEqualTo(recipes.size());
        Set<Sha256> blocks = new HashSet<>();
        store.blocks().scan(Table.RECIPE, (_, value) -> blocks.addAll(ConcurrentIngestTest.blocksOf(value)));
        assertThat(stats.blocks()).isEqualTo(blocks.size());
    }
}
