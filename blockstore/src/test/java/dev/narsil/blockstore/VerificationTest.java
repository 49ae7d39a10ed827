package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.RawDb;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification finds, and that what is damaged is never given out as a whole. */
class VerificationTest {

    /** The NAR that is damaged; of several packs, the second of which holds one of its middle blocks. */
    private final byte[] large = Nars.files(Nars.noise(1, 1_500_000), Nars.noise(2, 1_500_000));

    private final byte[] sound = Nars.random(3);
    private final Sha256 largeHash = Sha256.hash(large);
    private final Sha256 soundHash = Sha256.hash(sound);
    private final Path directory;

    VerificationTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeEach
    void fill() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            store.add("large", large);
            store.add("sound", sound);
        }
    }

    @Test
    void verify_soundStore_countsEverythingAndFindsNothing() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
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
        try (TestStore store = TestStore.open(directory)) {
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
    void flippedBitInABlobFile_isFoundAndNeverServed() throws IOException {
        long at = Files.size(largestBlobFile()) / 2;
        try (RandomAccessFile file = new RandomAccessFile(largestBlobFile().toFile(), "rw")) {
            file.seek(at);
            int b = file.read();
            file.seek(at);
            file.write(b ^ 16);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(
                    store, "pack \\d+.*checksum.*", "NAR " + largeHash + ".*", "path .*-large: its NAR is damaged");
            assertNotServed(store, true);
        }
    }

    @Test
    void truncatedBlobFile_isFoundOrRefusedAndNeverServed() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(largestBlobFile().toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "pack \\d+.*", "NAR " + largeHash + ".*", "path .*-large: its NAR is damaged");
            assertNotServed(store, false);
        } catch (StoreException e) {
            assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT);
            assertThat(e).hasMessageContaining("cannot open the store");
        }
    }

    @Test
    void missingBlobFile_isFoundOrRefusedAndNeverServed() throws IOException {
        Files.delete(largestBlobFile());
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "pack \\d+.*", "NAR " + largeHash + ".*", "path .*-large: its NAR is damaged");
            assertNotServed(store, false);
        } catch (StoreException e) {
            assertThat(e).hasMessageContaining("cannot open the store").hasMessageContaining(".blob");
        }
    }

    @Test
    void missingPack_isFoundAndNeverServed() throws IOException {
        try (RawDb db = RawDb.open(directory)) {
            db.delete("pack", PackCache.key(1));
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "pack 1 is missing", "NAR " + largeHash + ".*pack 1 is missing", "path .*-large: .*");
            assertNotServed(store, true);
        }
    }

    @Test
    void packThatIsAnotherPack_isFoundAndNeverServed() throws IOException {
        try (RawDb db = RawDb.open(directory)) {
            db.put("pack", PackCache.key(1), value(db, "pack", PackCache.key(0)));
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "pack 1: the index has .*", "NAR " + largeHash + ".*", "path .*-large: .*");
            assertNotServed(store, true);
        }
    }

    @Test
    void blockEntryPointingToAnotherBlockOfItsLength_isFoundAndNeverServed() throws IOException {
        moveBlock(location -> new BlockLocation(location.pack(), location.offset() + 1, location.length()));
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "pack \\d+: the index has .*", "NAR " + largeHash + ".*", "path .*-large: .*");
            assertNotServed(store, true);
        }
    }

    @Test
    void blockEntryPointingBeyondItsPack_isFoundAndNeverServed() throws IOException {
        moveBlock(location -> new BlockLocation(location.pack(), Integer.MAX_VALUE, location.length()));
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "pack \\d+: the index has .*", "NAR " + largeHash + ".*", "path .*-large: .*");
            assertNotServed(store, true);
        }
    }

    @Test
    void blockEntryPointingToNoPack_isFoundAndNeverServed() throws IOException {
        moveBlock(location -> new BlockLocation(1L << 40, location.offset(), location.length()));
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(
                    store,
                    "block [0-9a-f]{64}: pack 1099511627776 is missing",
                    "NAR " + largeHash + ".*",
                    "path .*-large: .*");
            assertNotServed(store, true);
            assertThat(store.nars().stats().blocks()).isPositive();
        }
    }

    @Test
    void blockEntryThatIsNone_isFoundAndNeverServed() throws IOException {
        Sha256 block = middleBlock();
        try (RawDb db = RawDb.open(directory)) {
            db.put("block", block.bytes(), new byte[3]);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "block " + block.toHex() + ".*location.*", "NAR .*", "path .*-large: .*");
            assertNotServed(store, false);
        }
    }

    @Test
    void missingBlockEntry_isFoundAndNeverServed() throws IOException {
        Sha256 block = middleBlock();
        try (RawDb db = RawDb.open(directory)) {
            db.delete("block", block.bytes());
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "NAR .*block " + block.toHex() + " is missing", "path .*-large: .*");
            assertNotServed(store, false);
        }
    }

    @Test
    void missingNarEntry_isFoundAndNotServed() throws IOException {
        try (RawDb db = RawDb.open(directory)) {
            db.delete("nar", largeHash.bytes());
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "path .*-large: its NAR is missing.*");
            assertThat(store.opens(largeHash)).isFalse();
            assertThat(store.read(soundHash)).isEqualTo(sound);
        }
    }

    @Test
    void narEntryOfAnotherNar_isFoundAndNeverServed() throws IOException {
        byte[] other = Nars.files(Nars.noise(7, 1_500_000), Nars.noise(8, 1_500_000));
        assertThat(other).hasSameSizeAs(large);
        try (TestStore store = TestStore.open(directory)) {
            store.add("other", other);
        }
        try (RawDb db = RawDb.open(directory)) {
            db.put("nar", largeHash.bytes(), value(db, "nar", Sha256.hash(other).bytes()));
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "NAR " + largeHash + ".*comes back as.*", "path .*-large: its NAR is damaged");
            assertThat(readUntilFailure(store.nars().openNar(largeHash).orElseThrow()))
                    .isLessThan(other.length);
        }
    }

    @Test
    void narEntryOfNoBytes_isFoundAndNeverServed() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(new byte[0]);
        }
        try (RawDb db = RawDb.open(directory)) {
            db.put(
                    "nar",
                    largeHash.bytes(),
                    value(db, "nar", Sha256.hash(new byte[0]).bytes()));
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "NAR " + largeHash + ".*comes back as.*", "path .*-large: its NAR is damaged");
            assertThat(readUntilFailure(store.nars().openNar(largeHash).orElseThrow()))
                    .isZero();
        }
    }

    @Test
    void damagedNarEntry_isFoundAndNotServed() throws IOException {
        try (RawDb db = RawDb.open(directory)) {
            byte[] entry = value(db, "nar", largeHash.bytes());
            entry[10] ^= 1;
            db.put("nar", largeHash.bytes(), entry);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "NAR .*nar entry is corrupt.*", "path .*-large: its NAR is damaged");
            assertThatThrownBy(() -> store.nars().openNar(largeHash)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void missingRecipe_isFoundAndNotServed() throws IOException {
        Sha256 recipe;
        try (RawDb db = RawDb.open(directory)) {
            recipe = NarEntry.decode(value(db, "nar", largeHash.bytes())).recipe();
            db.delete("recipe", recipe.bytes());
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "NAR .*its recipe " + recipe + " is missing", "path .*-large: its NAR is damaged");
            assertThatThrownBy(() -> store.nars().openNar(largeHash))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("recipe");
        }
    }

    @Test
    void damagedPathInfo_isFound() throws IOException {
        byte[] key = TestStore.digest("large").bytes();
        try (RawDb db = RawDb.open(directory)) {
            byte[] info = value(db, "path", key);
            info[info.length - 1] ^= 1;
            db.put("path", key, info);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "path " + TestStore.digest("large") + ": path info is corrupt.*");
        }
    }

    @Test
    void pathInfoUnderAnotherDigest_isFound() throws IOException {
        try (RawDb db = RawDb.open(directory)) {
            db.put(
                    "path",
                    TestStore.digest("x").bytes(),
                    value(db, "path", TestStore.digest("large").bytes()));
        }
        try (TestStore store = TestStore.open(directory)) {
            assertProblems(store, "path .*-large: it is stored under another digest");
        }
    }

    @Test
    void verify_whileOthersImport_findsNothing() throws Exception {
        try (TestStore store = TestStore.open(directory)) {
            AtomicBoolean enough = new AtomicBoolean();
            Thread importer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; !enough.get(); i++) {
                        store.add("path" + i, Nars.file(Nars.noise(100 + i, 20_000)));
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 8; i++) {
                assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
            }
            enough.set(true);
            importer.join();
        }
    }

    /** Tells whether exactly these problems are found, each at least once, and nothing of the sound NAR. */
    private static void assertProblems(TestStore store, String... patterns) throws IOException {
        List<String> problems = store.nars().verify(VerifyProgress.NONE).problems();
        for (String pattern : patterns) {
            assertThat(problems)
                    .as(pattern)
                    .anySatisfy(problem -> assertThat(problem).matches(pattern));
        }
        assertThat(problems).allSatisfy(problem -> assertThat(patterns).anyMatch(problem::matches));
    }

    /** Tells whether the large NAR is never given out whole, and its sound blocks are still given out. */
    private void assertNotServed(TestStore store, boolean endsAreSound) throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(readUntilFailure(store.nars().openNar(largeHash).orElseThrow()))
                    .isLessThan(large.length);
        }
        assertThatThrownBy(() -> store.range(largeHash, 0, large.length - 1)).isInstanceOf(IOException.class);
        if (endsAreSound) {
            assertThat(store.range(largeHash, 0, 1000)).isEqualTo(Arrays.copyOf(large, 1000));
            assertThat(store.range(largeHash, large.length - 1000, 1000))
                    .isEqualTo(Arrays.copyOfRange(large, large.length - 1000, large.length));
        }
        assertThat(store.read(soundHash)).isEqualTo(sound);
    }

    /** Reads until it fails, as it has to, and returns how many bytes were given out. */
    private static long readUntilFailure(NarReader reader) {
        long[] count = new long[1];
        try (reader) {
            assertThatThrownBy(() -> {
                        for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                            count[0] += slice.length();
                        }
                    })
                    .isInstanceOf(IOException.class);
            // and it does not recover
            assertThatThrownBy(reader::next).isInstanceOf(IOException.class);
        }
        return count[0];
    }

    private interface Move {
        BlockLocation to(BlockLocation from);
    }

    private void moveBlock(Move move) throws IOException {
        byte[] block = middleBlock().bytes();
        try (RawDb db = RawDb.open(directory)) {
            BlockLocation location = BlockLocation.decode(value(db, "block", block));
            db.put("block", block, move.to(location).encode());
        }
    }

    private Sha256 middleBlock() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            Recipe recipe = NarReaderTest.recipe(store, largeHash);
            return recipe.id(recipe.blocks() / 2);
        }
    }

    private static byte[] value(RawDb db, String family, byte[] key) throws IOException {
        byte[] value = db.get(family, key);
        if (value == null) {
            throw new IOException("nothing in " + family);
        }
        return value;
    }

    private Path largestBlobFile() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            return files.filter(file -> file.toString().endsWith(".blob"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }
}
