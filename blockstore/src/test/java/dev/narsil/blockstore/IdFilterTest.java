package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.rewrite.hash.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdFilterTest {

    private static final int IDS = 50_000;

    static LongStream seeds() {
        return Seeds.fresh(3);
    }

    private static int falsePositives(IdFilter filter, byte[] others) {
        int found = 0;
        for (int i = 0; i < others.length / Sha256.BYTES; i++) {
            found += filter.mayContain(others, i * Sha256.BYTES) ? 1 : 0;
        }
        return found;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void mayContain_whatWasAdded_always_andFewOthers(long seed) {
        IdFilter filter = new IdFilter(IDS, seed);
        byte[] ids = Nars.noise(seed, IDS * Sha256.BYTES);
        byte[] others = Nars.noise(seed + 1, IDS * Sha256.BYTES);
        assertThat(falsePositives(filter, ids)).as("found in an empty filter").isZero();
        for (int i = 0; i < IDS; i++) {
            filter.add(ids, i * Sha256.BYTES);
        }
        for (int i = 0; i < IDS; i++) {
            assertThat(filter.mayContain(Sha256.of(ids, i * Sha256.BYTES))).isTrue();
        }
        assertThat(falsePositives(filter, others)).isLessThan(IDS / 50);
    }

    @Test
    void mayContain_otherSeed_errsElsewhere() {
        byte[] ids = Nars.noise(1, IDS * Sha256.BYTES);
        byte[] others = Nars.noise(2, IDS * Sha256.BYTES);
        List<List<Integer>> errors = new ArrayList<>();
        for (long seed = 0; seed < 2; seed++) {
            IdFilter filter = new IdFilter(IDS, seed);
            List<Integer> wrong = new ArrayList<>();
            for (int i = 0; i < IDS; i++) {
                filter.add(ids, i * Sha256.BYTES);
            }
            for (int i = 0; i < IDS; i++) {
                if (filter.mayContain(others, i * Sha256.BYTES)) {
                    wrong.add(i);
                }
            }
            errors.add(wrong);
        }
        List<Integer> both = new ArrayList<>(errors.getFirst());
        both.retainAll(errors.getLast());
        assertThat(errors.getFirst()).isNotEmpty();
        assertThat(both).hasSizeLessThan(errors.getFirst().size() / 10 + 1);
    }

    @Test
    void filter_forNothingOrFarTooMuch_works() {
        for (long expected : new long[] {0, 1, 1L << 40}) {
            IdFilter filter = new IdFilter(expected, 7);
            filter.add(Sha256.hash(Nars.ascii("a")));
            assertThat(filter.mayContain(Sha256.hash(Nars.ascii("a")))).isTrue();
            assertThat(filter.mayContain(Sha256.hash(Nars.ascii("b")))).isFalse();
        }
    }
}
