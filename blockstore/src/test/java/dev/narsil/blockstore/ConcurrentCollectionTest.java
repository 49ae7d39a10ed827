package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.testing.Splits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything at once: NARs that share blocks are taken in, cut off, kept, published, read, and garbage is collected all the time. */
class ConcurrentCollectionTest {

    private static final int THREADS = 4;
    private static final int STEPS = 120;
    private static final int NARS = 40;

    private final Map<String, byte[]> published = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> missing = new ConcurrentLinkedQueue<>();
    private final AtomicLong absent = new AtomicLong();

    static LongStream seeds() {
        return Seeds.fresh(3);
    }

    private static List<byte[]> sharingNars(long seed) {
        Random random = new Random(seed);
        List<byte[]> nars = new ArrayList<>();
        for (int i = 0; i < NARS; i++) {
            byte[][] parts = new byte[1 + random.nextInt(4)][];
            for (int k = 0; k < parts.length; k++) {
                int part = random.nextInt(12);
                parts[k] = Nars.noise(seed + part, 20_000 + 15_000 * part);
            }
            parts[0] = random.nextBoolean() ? parts[0] : Nars.reference(TestStore.digest("d" + i % 5));
            nars.add(Nars.files(parts));
        }
        return nars;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void collect_whileEverythingGoesOn_losesNothingThatIsPublished(long seed, @TempDir Path directory)
            throws Exception {
        List<byte[]> nars = sharingNars(seed);
        AtomicBoolean done = new AtomicBoolean();
        try (TestStore store = TestStore.open(directory, blocks -> ConcurrentIngestTest.checked(blocks, missing));
                ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1)) {
            Future<GarbageReport> collecting = threads.submit(() -> {
                GarbageReport sum = collect(store);
                while (!done.get()) {
                    GarbageReport report = collect(store);
                    sum = report.nars() > sum.nars() ? report : sum;
                }
                return sum;
            });
            List<Future<?>> working = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(seed * 31 + t);
                working.add(threads.submit(() -> {
                    for (int step = 0; step < STEPS; step++) {
                        act(store, nars.get(random.nextInt(nars.size())), random);
                    }
                    return null;
                }));
            }
            try {
                for (Future<?> worker : working) {
                    worker.get();
                }
            } finally {
                done.set(true);
            }
            assertThat(collecting.get().nars()).as("NARs collected in between").isPositive();
            store.nars().flush();
            requirePublished(store);
            collect(store);
            collect(store);
            requirePublished(store);
            requireNothingElse(store);
        }
        try (TestStore store = TestStore.open(directory)) {
            requirePublished(store);
        }
        assertThat(missing).isEmpty();
        assertThat(published).hasSizeGreaterThan(NARS / 2);
    }

    /** Collects all that has no path at this moment. */
    private static GarbageReport collect(TestStore store) throws IOException {
        Instant now = Instant.now();
        return store.nars()
                .collectGarbage(
                        new GarbageOptions(now, now.plusSeconds(10), (_, value) -> Sha256.of(value)),
                        GarbageProgress.NONE);
    }

    private void act(TestStore store, byte[] nar, Random random) throws IOException {
        Sha256 hash = Sha256.hash(nar);
        boolean hasPath = published.containsKey(hash.toHex());
        int kind = random.nextInt(10);
        try {
            if (kind == 0 && hasPath) {
                assertThat(store.read(hash)).isEqualTo(nar);
                return;
            }
            if (kind == 1 && store.opens(hash)) {
                assertThat(store.read(hash)).isEqualTo(nar);
                return;
            }
            boolean there = kind % 2 == 0 && store.nars().hasNar(hash);
            if (!there && !takeIn(store, nar, kind == 2, random)) {
                return;
            }
            if (kind < 6) {
                var _ = store.nars()
                        .keep(hash, Instant.now(), List.of(new Entry(Table.ALIAS, Nars.noise(kind, 32), hash.bytes())));
            }
            if (random.nextInt(4) == 0) {
                store.nars().flush();
            }
            if (kind > 4) {
                CompletableFuture<Void> future = store.nars().publish(TestStore.info(hash.toHex(), nar));
                store.nars().expedite();
                TestStore.await(future);
                published.put(hash.toHex(), nar);
                assertThat(store.read(hash)).isEqualTo(nar);
            }
        } catch (StoreException e) {
            assertThat(e.kind()).as(String.valueOf(e.getMessage())).isEqualTo(StoreException.Kind.ABSENT);
            assertThat(hasPath).as("a NAR with a path is absent").isFalse();
            absent.incrementAndGet();
        }
    }

    /** Takes a NAR in, or a part of it; returns whether it is whole. */
    private static boolean takeIn(TestStore store, byte[] nar, boolean cut, Random random) throws IOException {
        try (NarIngest ingest = store.nars().ingest(nar.length)) {
            if (cut) {
                ingest.write(nar, 0, random.nextInt(nar.length));
                return false;
            }
            Splits.random(nar, 100_000, random, ingest::write);
            assertThat(ingest.finish().narHash()).isEqualTo(Sha256.hash(nar));
            return true;
        }
    }

    private void requirePublished(TestStore store) throws IOException {
        for (Map.Entry<String, byte[]> nar : published.entrySet()) {
            assertThat(store.nars().path(TestStore.digest(nar.getKey()))).isPresent();
            assertThat(store.read(Sha256.hash(nar.getValue()))).isEqualTo(nar.getValue());
        }
        VerifyReport report = store.nars().verify(VerifyProgress.NONE);
        assertThat(report.problems()).isEmpty();
        assertThat(report.paths()).isEqualTo(published.size());
    }

    private static byte[] stored(TestStore store, Table table, Sha256 key) throws IOException {
        return Objects.requireNonNull(store.blocks().get(table, key.bytes()));
    }

    /** What is stored is what a new store would hold that was given the published NARs alone, but for parts of packs. */
    private void requireNothingElse(TestStore store) throws IOException {
        Set<Sha256> recipes = new HashSet<>();
        Set<Sha256> blocks = new HashSet<>();
        for (byte[] nar : published.values()) {
            recipes.add(
                    NarEntry.decode(stored(store, Table.NAR, Sha256.hash(nar))).recipe());
        }
        for (Sha256 recipe : recipes) {
            blocks.addAll(ConcurrentIngestTest.blocksOf(stored(store, Table.RECIPE, recipe)));
        }
        StoreStats stats = store.nars().stats();
        assertThat(stats.nars()).isEqualTo(published.size());
        assertThat(stats.recipes()).isEqualTo(recipes.size());
        assertThat(stats.blocks()).isEqualTo(blocks.size());
        List<byte[]> unclaimed = new ArrayList<>();
        store.blocks().scan(Table.UNCLAIMED, (key, _) -> unclaimed.add(key));
        assertThat(unclaimed).isEmpty();
        store.blocks()
                .scan(
                        Table.ALIAS,
                        (_, value) -> assertThat(store.nars().hasNar(Sha256.of(value)))
                                .isTrue());
    }
}
