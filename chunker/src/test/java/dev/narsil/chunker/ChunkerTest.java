package dev.narsil.chunker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkerTest {

    private static final ChunkerParameters SMALL = new ChunkerParameters(64, 256, 1024);
    private final Chunker chunker = new Chunker(ChunkerParameters.DEFAULT);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void cut_anyInput_keepsTheBounds(long seed) {
        Random random = new Random(seed);
        for (ChunkerParameters parameters : List.of(ChunkerParameters.DEFAULT, SMALL)) {
            for (int symbols : new int[] {1, 2, 4, 256}) {
                byte[] data = new byte[random.nextInt(1 << 20) + 1];
                for (int i = 0; i < data.length; i++) {
                    data[i] = (byte) random.nextInt(symbols);
                }
                List<Integer> lengths = Cuts.lengths(new Chunker(parameters), data, 0);
                assertThat(lengths.stream().mapToInt(Integer::intValue).sum()).isEqualTo(data.length);
                assertThat(lengths.subList(0, lengths.size() - 1))
                        .as("seed %d, %d symbols, %s", seed, symbols, parameters)
                        .allMatch(length -> length >= parameters.min() && length <= parameters.max());
                assertThat(lengths.getLast()).isBetween(1, parameters.max());
            }
        }
    }

    @Test
    void cut_randomInput_isAboutTheAverage() {
        List<Integer> lengths = Cuts.lengths(chunker, Cuts.random(6, 32 << 20), 0);
        assertThat((32 << 20) / lengths.size()).isBetween(24 << 10, 48 << 10);
        assertThat(lengths.stream()
                        .filter(length -> length == ChunkerParameters.DEFAULT.max())
                        .count())
                .isLessThan(lengths.size() / 100 + 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void cut_insertedByte_isForgottenAfterAFewBlocks(long seed) {
        byte[] data = Cuts.random(seed, 4 << 20);
        int at = 100_000 + new Random(seed).nextInt(1 << 20);
        byte[] longer = new byte[data.length + 1];
        System.arraycopy(data, 0, longer, 0, at);
        longer[at] = 'x';
        System.arraycopy(data, at, longer, at + 1, data.length - at);
        List<Integer> ends = Cuts.ends(chunker, data, 0);
        List<Integer> shifted = Cuts.ends(chunker, longer, 0);
        int settled = at + 8 * ChunkerParameters.DEFAULT.average();
        assertThat(shifted.stream().filter(end -> end < at))
                .as("seed %d", seed)
                .containsExactlyElementsOf(ends.stream().filter(end -> end < at).toList());
        assertThat(shifted.stream().filter(end -> end > settled + 1).map(end -> end - 1))
                .as("seed %d", seed)
                .hasSizeGreaterThan(10)
                .containsExactlyElementsOf(
                        ends.stream().filter(end -> end > settled).toList());
    }

    @Test
    void cut_otherStart_fallsIntoTheSameCuts() {
        byte[] data = Cuts.random(10, 4 << 20);
        List<Integer> ends = Cuts.ends(chunker, data, 0);
        for (int from = 1; from < 100_000; from += 9999) {
            List<Integer> others = Cuts.ends(chunker, data, from);
            int settled = from + 8 * ChunkerParameters.DEFAULT.average();
            assertThat(others.stream().filter(end -> end > settled))
                    .as("from %d", from)
                    .containsExactlyElementsOf(
                            ends.stream().filter(end -> end > settled).toList());
        }
    }

    @Test
    void cut_sameBytesElsewhere_givesTheSameLength() {
        byte[] data = Cuts.random(11, 200_000);
        int expected = chunker.cut(data, 0, data.length);
        for (int shift : new int[] {1, 7, 4096, 65_537}) {
            byte[] other = Cuts.random(shift, data.length + shift + 3);
            System.arraycopy(data, 0, other, shift, data.length);
            assertThat(chunker.cut(other, shift, data.length)).isEqualTo(expected);
        }
    }

    @Test
    void cut_bytesBehindTheCut_haveNoSay() {
        byte[] data = Cuts.random(12, 200_000);
        int expected = chunker.cut(data, 0, data.length);
        byte[] other = data.clone();
        Arrays.fill(other, expected, other.length, (byte) 0);
        assertThat(expected).isLessThan(ChunkerParameters.DEFAULT.max());
        assertThat(chunker.cut(other, 0, other.length)).isEqualTo(expected);
        assertThat(chunker.cut(data, 0, expected)).isEqualTo(expected);
    }

    @Test
    void cut_onlyTheLast64Bytes_decide() {
        byte[] data = Cuts.random(13, 200_000);
        int expected = chunker.cut(data, 0, data.length);
        byte[] other = data.clone();
        Arrays.fill(other, 0, ChunkerParameters.DEFAULT.min() - Chunker.WINDOW, (byte) 0);
        assertThat(chunker.cut(other, 0, other.length)).isEqualTo(expected);
    }

    @Test
    void cut_rule_isThatOfThePackage() {
        byte[] data = Cuts.random(14, 1 << 20);
        Chunker small = new Chunker(SMALL);
        List<Integer> expected = new ArrayList<>();
        for (int at = 0; at < data.length; at += expected.getLast()) {
            expected.add(byTheRule(data, at));
        }
        assertThat(Cuts.lengths(small, data, 0)).isEqualTo(expected);
    }

    /** The rule as the package states it, with the hash of each position computed from its 64 bytes alone. */
    private static int byTheRule(byte[] data, int off) {
        int length = SMALL.min();
        for (; length < SMALL.max() && off + length < data.length; length++) {
            long hash = 0;
            for (int i = off + length - 64; i < off + length; i++) {
                hash = (hash << 1) + gear(data[i] & 0xff);
            }
            int bits = length < SMALL.average() ? 8 + 2 : 8 - 2;
            if (Long.numberOfLeadingZeros(hash) >= bits) {
                break;
            }
        }
        return Math.min(length, data.length - off);
    }

    private static long gear(int b) {
        long z = 0x4e617273696c2031L + (b + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Test
    void cut_emptyOrOutsideRange_isRefused() {
        byte[] data = new byte[10];
        assertThat(chunker.cut(data, 9, 1)).isEqualTo(1);
        assertThatThrownBy(() -> chunker.cut(data, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> chunker.cut(data, 0, 11)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> chunker.cut(data, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> chunker.cut(data, 10, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "63, 256, 1024",
        "0, 256, 1024",
        "-1, 256, 1024",
        "256, 256, 1024",
        "64, 256, 256",
        "64, 256, 128",
        "64, 300, 1024",
        "64, 256, 16777217"
    })
    void parameters_outOfBounds_areRefused(int min, int average, int max) {
        assertThatThrownBy(() -> new ChunkerParameters(min, average, max)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parameters_given_areKept() {
        assertThat(new Chunker(SMALL).parameters()).isEqualTo(SMALL);
        assertThat(ChunkerParameters.DEFAULT).isEqualTo(new ChunkerParameters(8192, 32_768, 131_072));
        assertThat(new ChunkerParameters(64, 128, 1 << 24).max()).isEqualTo(1 << 24);
    }
}
