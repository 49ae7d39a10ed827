package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.testing.NarTokens;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stored of a NAR: which blocks, which recipe, and what of NARs that are none. */
class StoredFormTest {

    /** Framing of a NAR of one plain file before its contents, and after its padding. */
    private static final int BEFORE_CONTENTS = 96;

    private static final int AFTER_CONTENTS = 16;

    static LongStream seeds() {
        return Seeds.fresh(5);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rebuild_otherDigestsOnly_sharesRecipeAndBlocks(long seed, @TempDir Path directory) throws IOException {
        RandomNar built = RandomNar.of(seed);
        byte[] first = built.bytes(RandomNar.digests(seed, 12));
        byte[] second = built.bytes(RandomNar.digests(seed + 1, 12));
        assertThat(first).isNotEqualTo(second);
        try (TestStore store = TestStore.open(directory)) {
            store.add("first", first);
            StoreStats one = store.nars().stats();
            store.add("second", second);
            StoreStats two = store.nars().stats();
            assertThat(two.nars()).isEqualTo(2);
            assertThat(two.paths()).isEqualTo(2);
            assertThat(two.recipes()).isEqualTo(one.recipes()).isEqualTo(1);
            assertThat(two.blocks()).isEqualTo(one.blocks());
            assertThat(two.packs()).isEqualTo(one.packs());
            assertThat(two.strippedUniqueBytes()).isEqualTo(one.strippedUniqueBytes());
            assertThat(two.holes()).isEqualTo(one.holes()).isPositive();
            assertThat(two.uniqueNarBytes()).isEqualTo(2 * one.uniqueNarBytes());
            assertThat(store.read(Sha256.hash(first))).isEqualTo(first);
            assertThat(store.read(Sha256.hash(second))).isEqualTo(second);
        }
    }

    @Test
    void rebuild_otherPlaceOrNumberOfDigests_hasItsOwnRecipe(@TempDir Path directory) throws IOException {
        Digest a = TestStore.digest("a");
        Digest b = TestStore.digest("b");
        List<byte[]> nars = List.of(
                Nars.file(Nars.concat(Nars.reference(a), Nars.reference(b), Nars.reference(a))),
                Nars.file(Nars.concat(Nars.reference(a), Nars.reference(b), Nars.reference(b))),
                Nars.file(Nars.concat(Nars.reference(a), Nars.reference(a), Nars.reference(a))),
                Nars.file(Nars.concat(Nars.ascii(" "), Nars.reference(a), Nars.reference(b), Nars.reference(a))));
        try (TestStore store = TestStore.open(directory)) {
            for (byte[] nar : nars) {
                store.ingest(nar);
            }
            // the same as the first with its digests exchanged
            store.ingest(Nars.file(Nars.concat(Nars.reference(b), Nars.reference(a), Nars.reference(b))));
            store.nars().flush();
            StoreStats stats = store.nars().stats();
            assertThat(stats.nars()).isEqualTo(5);
            assertThat(stats.recipes()).isEqualTo(4);
            assertThat(stats.blocks()).isEqualTo(2);
            for (byte[] nar : nars) {
                assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {(16 << 10) - 1, 16 << 10, (16 << 10) + 1})
    void fileAroundTheCutThreshold_fromItOn_isBlocksOfItsOwn(int size, @TempDir Path directory) throws IOException {
        byte[] contents = Nars.noise(size, size);
        byte[] nar = Nars.file(contents);
        List<Integer> lengths = lengths(directory, nar);
        if (size < StoreOptions.FILE_CUT_BYTES) {
            assertThat(lengths.getFirst()).isGreaterThan(BEFORE_CONTENTS);
        } else {
            int padding = -size & 7;
            assertThat(lengths.getFirst()).isEqualTo(BEFORE_CONTENTS);
            assertThat(lengths.getLast()).isEqualTo(padding + AFTER_CONTENTS);
            assertThat(lengths.subList(1, lengths.size() - 1).stream()
                            .mapToInt(i -> i)
                            .sum())
                    .isEqualTo(size);
        }
    }

    @Test
    void largeFilesAmongSmallOnes_eachBeginsAndEndsABlock(@TempDir Path directory) throws IOException {
        int large = 50_000;
        byte[] nar = Nars.files(
                Nars.noise(1, 100),
                Nars.noise(2, large),
                Nars.noise(3, 1),
                Nars.noise(4, 200),
                Nars.noise(5, large),
                Nars.noise(6, large),
                new byte[0]);
        List<Integer> lengths = lengths(directory, nar);
        List<Long> edges = new ArrayList<>();
        long edge = 0;
        for (int length : lengths) {
            edges.add(edge);
            edge += length;
        }
        for (int seed : new int[] {2, 5, 6}) {
            long start = indexOf(nar, Nars.noise(seed, large));
            assertThat(edges).contains(start, start + large);
        }
        for (int seed : new int[] {1, 4}) {
            assertThat(edges).doesNotContain((long) indexOf(nar, Nars.noise(seed, seed == 1 ? 100 : 200)));
        }
    }

    private static int indexOf(byte[] nar, byte[] contents) {
        for (int i = 0; i + contents.length <= nar.length; i += 8) {
            if (java.util.Arrays.equals(nar, i, i + contents.length, contents, 0, contents.length)) {
                return i;
            }
        }
        throw new AssertionError("contents are not there");
    }

    @Test
    void blocks_ofAnyNar_keepTheBounds(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.concat(Nars.noise(1, 1 << 20), new byte[1 << 20], Nars.noise(2, 1 << 20)));
        List<Integer> lengths = lengths(directory, nar);
        ChunkerParameters bounds = ChunkerParameters.DEFAULT;
        assertThat(lengths).allMatch(length -> length <= bounds.max());
        assertThat(lengths.subList(1, lengths.size() - 2)).allMatch(length -> length >= bounds.min());
    }

    private static List<Integer> lengths(Path directory, byte[] nar) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            Recipe recipe = NarReaderTest.recipe(store, Sha256.hash(nar));
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < recipe.blocks(); i++) {
                lengths.add(recipe.length(i));
            }
            return lengths;
        }
    }

    static Stream<byte[]> opaque() {
        byte[] good = Nars.random(1);
        byte[] wrongPadding = good.clone();
        wrongPadding[8 + 13] = 1;
        return Stream.of(
                new byte[0],
                new byte[1],
                Nars.ascii("no NAR at all"),
                Nars.noise(1, 300_000),
                java.util.Arrays.copyOf(good, good.length - 8),
                java.util.Arrays.copyOf(good, good.length / 2),
                Nars.concat(good, new byte[8]),
                Nars.concat(good, good),
                wrongPadding,
                NarTokens.directory().entry("b").entry("a").str(")").toBytes(),
                // announces more contents than there are, so that a cut is due where no byte is
                Nars.concat(
                        NarTokens.regular()
                                .str("contents")
                                .word(Long.MAX_VALUE - 200)
                                .toBytes(),
                        Nars.noise(1, 200_000)),
                Nars.concat(NarTokens.regular().str("contents").word(-8).toBytes(), Nars.noise(1, 200_000)));
    }

    @ParameterizedTest
    @MethodSource("opaque")
    void narThatIsNone_comesBackByteForByte(byte[] bytes, @TempDir Path directory) throws IOException {
        Sha256 hash = Sha256.hash(bytes);
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.ingest(bytes).opaqueReason()).isNotBlank();
            store.nars().flush();
            assertThat(NarReaderTest.recipe(store, hash).opaque()).isTrue();
            assertThat(store.read(hash)).isEqualTo(bytes);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }

    @Test
    void narThatIsOne_isNotOpaque(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(1);
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.ingest(nar).opaqueReason()).isNull();
            store.nars().flush();
            assertThat(NarReaderTest.recipe(store, Sha256.hash(nar)).opaque()).isFalse();
        }
    }

    @Test
    void narWithReferencesBehindAFault_isStrippedToo(@TempDir Path directory) throws IOException {
        byte[] one = Nars.concat(Nars.ascii("no NAR "), Nars.reference(TestStore.digest("one")));
        byte[] two = Nars.concat(Nars.ascii("no NAR "), Nars.reference(TestStore.digest("two")));
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(one);
            store.ingest(two);
            store.nars().flush();
            assertThat(store.nars().stats().recipes()).isEqualTo(1);
            assertThat(store.read(Sha256.hash(one))).isEqualTo(one);
            assertThat(store.read(Sha256.hash(two))).isEqualTo(two);
        }
    }

    @Test
    void mismatch_ofAnyKind_leavesNothingVisible(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(7);
        Sha256 hash = Sha256.hash(nar);
        byte[] flipped = nar.clone();
        flipped[nar.length / 2] ^= 1;
        try (TestStore store = TestStore.open(directory)) {
            assertMismatch(store, hash, nar.length, java.util.Arrays.copyOf(nar, nar.length - 1), "NarSize");
            assertMismatch(store, hash, nar.length, new byte[0], "NarSize");
            assertMismatch(store, hash, nar.length, java.util.Arrays.copyOf(nar, nar.length + 1), "longer");
            assertMismatch(store, hash, nar.length - 8, nar, "longer");
            assertMismatch(store, hash, 0, nar, "longer");
            assertMismatch(store, hash, -1, nar, "longer");
            assertMismatch(store, hash, nar.length + 8, nar, "NarSize");
            assertMismatch(store, hash, nar.length, flipped, "hashes to");
            assertMismatch(store, Sha256.hash(flipped), nar.length, nar, "hashes to");
            store.nars().flush();
            StoreStats stats = store.nars().stats();
            assertThat(stats.nars()).isZero();
            assertThat(stats.recipes()).isZero();
            assertThat(store.nars().hasNar(hash)).isFalse();
            assertThat(store.opens(hash)).isFalse();
            assertThatThrownBy(() -> store.nars().publish(TestStore.info("path", nar)))
                    .hasMessageContaining("not stored");
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
            // the blocks left behind serve the right NAR
            store.add("path", nar);
            assertThat(store.read(hash)).isEqualTo(nar);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }

    private static void assertMismatch(TestStore store, Sha256 hash, long size, byte[] sent, String reason)
            throws IOException {
        try (NarIngest ingest = store.nars().ingest(hash, size)) {
            assertThatThrownBy(() -> {
                        ingest.write(sent, 0, sent.length);
                        ingest.finish();
                    })
                    .isInstanceOf(NarMismatchException.class)
                    .hasMessageContaining(reason);
        }
    }
}
