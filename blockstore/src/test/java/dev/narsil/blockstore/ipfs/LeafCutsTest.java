package dev.narsil.blockstore.ipfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.rewrite.strip.HoleTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LeafCutsTest {

    /** Where the tested blocks begin in the NAR. */
    private static final long START = 10_000_000_000L;

    private static HoleTable holes(int... offsets) {
        HoleTable holes = new HoleTable();
        for (int offset : offsets) {
            holes.add(START + offset, 0);
        }
        return holes;
    }

    private static List<String> cut(HoleTable holes, int length) throws IOException {
        List<String> leaves = new ArrayList<>();
        new LeafCuts(new LeafCuts.Sink() {
                    @Override
                    public void plain(int offset, int count) {
                        leaves.add("plain " + offset + "+" + count);
                    }

                    @Override
                    public void dense(int offset, int count) {
                        leaves.add("dense " + offset + "+" + count);
                    }

                    @Override
                    public void inline(int offset, int count) {
                        leaves.add("inline " + offset + "+" + count);
                    }
                })
                .cut(holes, START, length);
        return leaves;
    }

    @Test
    void oneHole_isALeafBetweenPlainOnes() throws IOException {
        assertThat(cut(holes(1000), 5000)).containsExactly("plain 0+1000", "inline 1000+32", "plain 1032+3968");
    }

    @Test
    void stretchOf128Bytes_goesWithTheHole_andOfOneMoreNot() throws IOException {
        assertThat(cut(holes(129), 1000)).containsExactly("plain 0+129", "inline 129+32", "plain 161+839");
        assertThat(cut(holes(128), 1000)).containsExactly("inline 0+128", "inline 128+32", "plain 160+840");
        assertThat(cut(holes(1000), 1161)).containsExactly("plain 0+1000", "inline 1000+32", "plain 1032+129");
        assertThat(cut(holes(1000), 1160)).containsExactly("plain 0+1000", "inline 1000+128", "inline 1128+32");
        assertThat(cut(holes(1000, 1161), 2000))
                .containsExactly(
                        "plain 0+1000", "inline 1000+32", "plain 1032+129", "inline 1161+32", "plain 1193+807");
        assertThat(cut(holes(1000, 1160), 2000))
                .containsExactly("plain 0+1000", "inline 1000+128", "inline 1128+64", "plain 1192+808");
    }

    @Test
    void holesOfUpTo128Bytes_areOneLeaf() throws IOException {
        assertThat(cut(holes(1000, 1032, 1064, 1096), 2000))
                .containsExactly("plain 0+1000", "inline 1000+128", "plain 1128+872");
    }

    @Test
    void holeAcrossTheEdges_countsInPart() throws IOException {
        assertThat(cut(holes(-31, 4999), 5000)).containsExactly("inline 0+1", "plain 1+4998", "inline 4999+1");
        assertThat(cut(holes(-5), 20)).containsExactly("inline 0+20");
        assertThat(cut(holes(-32, 5000), 5000)).containsExactly("plain 0+5000");
    }

    @Test
    void placeOf4096Bytes_isInTheNode_andALongerOneIsALeaf() throws IOException {
        int[] offsets = new int[40];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = 1000 + i * (4096 - 32) / 39;
        }
        List<String> inline = cut(holes(offsets), 8000);
        assertThat(inline)
                .hasSize(34)
                .startsWith("plain 0+1000", "inline 1000+128")
                .endsWith("plain 5096+2904");
        offsets[39]++;
        assertThat(cut(holes(offsets), 8000)).containsExactly("plain 0+1000", "dense 1000+4097", "plain 5097+2903");
    }

    static LongStream seeds() {
        return Seeds.fresh(10);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anyBlock_isCutAsTheRuleSays(long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            int length = 1 + random.nextInt(20_000);
            int spread = 1 << random.nextInt(12);
            HoleTable holes = new HoleTable();
            long offset = START - random.nextInt(100);
            while (offset < START + length + 100) {
                holes.add(offset, 0);
                offset += 32 + random.nextInt(spread);
            }
            assertThat(cut(holes, length)).isEqualTo(naive(holes, length));
        }
    }

    /** The rule, byte by byte. */
    private static List<String> naive(HoleTable holes, int length) {
        boolean[] place = new boolean[length];
        for (int i = 0; i < holes.size(); i++) {
            for (long at = holes.offset(i); at < holes.offset(i) + 32; at++) {
                if (at >= START && at < START + length) {
                    place[(int) (at - START)] = true;
                }
            }
        }
        int at = 0;
        for (int end : ends(place.clone())) {
            if (!place[at] && end - at <= 128) {
                Arrays.fill(place, at, end, true);
            }
            at = end;
        }
        List<String> leaves = new ArrayList<>();
        at = 0;
        for (int end : ends(place)) {
            if (!place[at] || end - at > 4096) {
                leaves.add((place[at] ? "dense " : "plain ") + at + "+" + (end - at));
            } else {
                for (int from = at; from < end; from += 128) {
                    leaves.add("inline " + from + "+" + Math.min(128, end - from));
                }
            }
            at = end;
        }
        return leaves;
    }

    /** Where each run of equal values ends. */
    private static List<Integer> ends(boolean[] values) {
        List<Integer> ends = new ArrayList<>();
        for (int i = 1; i <= values.length; i++) {
            if (i == values.length || values[i] != values[i - 1]) {
                ends.add(i);
            }
        }
        return ends;
    }
}
