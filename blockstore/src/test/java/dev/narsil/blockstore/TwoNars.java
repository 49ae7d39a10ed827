package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.RawDb;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A store of two NARs, a large one that tests damage and a sound one. */
final class TwoNars {

    /** The NAR that is damaged; of several packs, the second of which holds one of its middle blocks. */
    final byte[] large = Nars.files(Nars.noise(1, 1_500_000), Nars.noise(2, 1_500_000));

    final byte[] sound = Nars.random(3);
    final Sha256 largeHash = Sha256.hash(large);
    final Sha256 soundHash = Sha256.hash(sound);
    final Path directory;

    /** Makes the store in {@code directory}, and closes it. */
    TwoNars(Path directory) throws IOException {
        this.directory = directory;
        try (TestStore store = TestStore.open(directory)) {
            store.add("large", large);
            store.add("sound", sound);
        }
    }

    /** Tells whether exactly these problems are found, each at least once, and nothing of the sound NAR. */
    static void assertProblems(TestStore store, String... patterns) throws IOException {
        List<String> problems = store.nars().verify(VerifyProgress.NONE).problems();
        for (String pattern : patterns) {
            assertThat(problems)
                    .as(pattern)
                    .anySatisfy(problem -> assertThat(problem).matches(pattern));
        }
        assertThat(problems).allSatisfy(problem -> assertThat(patterns).anyMatch(problem::matches));
    }

    /** Tells whether the large NAR is never given out whole, and its sound blocks are still given out. */
    void assertNotServed(TestStore store, boolean endsAreSound) throws IOException {
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
    static long readUntilFailure(NarReader reader) {
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

    /** Says where a block is to be found instead. */
    interface Move {
        BlockLocation to(BlockLocation from);
    }

    /** Moves the location of a block from the middle of the large NAR. */
    void moveBlock(Move move) throws IOException {
        byte[] block = middleBlock().bytes();
        try (RawDb db = RawDb.open(directory)) {
            BlockLocation location = BlockLocation.decode(value(db, "block", block));
            db.put("block", block, move.to(location).encode());
        }
    }

    /** Returns the id of a block from the middle of the large NAR. */
    Sha256 middleBlock() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            Recipe recipe = NarReaderTest.recipe(store, largeHash);
            return recipe.id(recipe.blocks() / 2);
        }
    }

    /** Returns a value, which must be there. */
    static byte[] value(RawDb db, String family, byte[] key) throws IOException {
        byte[] value = db.get(family, key);
        if (value == null) {
            throw new IOException("nothing in " + family);
        }
        return value;
    }

    /** Returns the file that holds most of the packs. */
    Path largestBlobFile() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            return files.filter(file -> file.toString().endsWith(".blob"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }
}
