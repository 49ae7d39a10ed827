package dev.narsil.rewrite.strip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.NarTokens;
import dev.narsil.rewrite.testing.NearMisses;
import dev.narsil.rewrite.testing.RandomNar;
import dev.narsil.rewrite.testing.Splits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StripperTest {

    private static final StoreDir NIX = StoreDir.DEFAULT;
    private static final String A = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";
    private static final String B = "00000000000000000000000000000001";
    private static final String REF_A = "/nix/store/" + A + "-a";

    /** A text, with brackets around what is a hole. */
    record Vector(String name, StoreDir storeDir, String marked) {

        byte[] bytes() {
            return latin1(marked.replace("[", "").replace("]", ""));
        }

        List<Integer> offsets() {
            String rest = marked.replace("]", "");
            List<Integer> offsets = new java.util.ArrayList<>();
            for (int at = rest.indexOf('['); at >= 0; at = rest.indexOf('[', at)) {
                offsets.add(at);
                rest = rest.substring(0, at) + rest.substring(at + 1);
            }
            return offsets;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Vector> vectors() {
        String ref = "/nix/store/[" + A + "]-a ";
        StoreDir gnu = new StoreDir("/gnu/store");
        return List.of(
                new Vector("full path", NIX, ref),
                new Vector("full path at the start", NIX, "/nix/store/[" + A + "]-"),
                new Vector("no dash", NIX, "/nix/store/" + A + " "),
                new Vector("slash for a dash", NIX, "/nix/store/" + A + "/"),
                new Vector("end for a dash", NIX, "/nix/store/" + A),
                new Vector("no prefix", NIX, " " + A + "-a"),
                new Vector("half a prefix", NIX, "nix/store/" + A + "-a"),
                new Vector("prefix without its slash", NIX, "/nix/store" + A + "-a"),
                new Vector("other store", NIX, "/gnu/store/" + A + "-a"),
                new Vector(
                        "own store elsewhere",
                        gnu,
                        "/gnu/store/[" + A + "]-a /nix/store/[" + A + "]-a /nix/store/" + B + "-b"),
                new Vector("prefix behind a digit", NIX, "a/nix/store/[" + A + "]-a"),
                new Vector("31 characters", NIX, "/nix/store/" + A.substring(1) + "-a"),
                new Vector("33 characters", NIX, "/nix/store/" + A + "0-a"),
                new Vector("33 characters, digit in front", NIX, "/nix/store/0" + A + "-a"),
                new Vector("64 characters", NIX, ref + A + B + " "),
                new Vector("not of the alphabet", NIX, "/nix/store/" + A.replace('z', 'e') + "-a"),
                new Vector("capital", NIX, "/nix/store/" + A.replace('z', 'Z') + "-a"),
                new Vector("bare after full", NIX, ref + "[" + A + "] [" + A + "] "),
                new Vector("bare before full", NIX, A + " " + ref),
                new Vector("other bare after full", NIX, ref + B + " "),
                new Vector(
                        "bare, 31 and 33 after full", NIX, ref + A.substring(1) + " " + A + "1 1" + A + " [" + A + "]"),
                new Vector("bare at the end", NIX, ref + "[" + A + "]"),
                new Vector("bare glued at the end", NIX, ref + "x" + A),
                new Vector("bare cut at the end", NIX, ref + A.substring(0, 31)),
                new Vector("side by side", NIX, ref + "[" + A + "]-[" + A + "]/[" + A + "]"),
                new Vector("two digests", NIX, ref + "/nix/store/[" + B + "]-b [" + A + "] [" + B + "]"),
                new Vector("eeee", NIX, "/nix/store/" + "e".repeat(32) + "-gone " + ref),
                new Vector("zeros", NIX, "\0".repeat(32) + ref + "\0".repeat(64) + "[" + A + "]" + "\0".repeat(32)),
                new Vector("digit zeros", NIX, "0".repeat(32) + "-" + ref + "0".repeat(32)),
                new Vector("nothing", NIX, ""),
                new Vector("one digit", NIX, "a"),
                new Vector("digits without end", NIX, "a".repeat(300)),
                new Vector("digest at the very start", NIX, A + "-" + ref),
                new Vector(
                        "store directory with a digest for a name",
                        new StoreDir("/x/" + A),
                        "/x/" + A + "/[" + B + "]-b " + "/x/" + A + "/[" + A + "]-a /x/[" + A + "]/[" + "1"
                                + A.substring(1) + "]-c"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void write_vector_hasHolesWhereMarked(Vector vector) {
        byte[] bytes = vector.bytes();
        Stripped stripped = Stripped.whole(vector.storeDir(), bytes);
        byte[] expected = bytes.clone();
        for (int offset : vector.offsets()) {
            Arrays.fill(expected, offset, offset + 32, (byte) 0);
        }
        assertThat(stripped.holes().stream().map(hole -> Integer.parseInt(hole.substring(0, hole.indexOf(':')))))
                .containsExactlyElementsOf(vector.offsets());
        assertThat(stripped.hex()).isEqualTo(HexFormat.of().formatHex(expected));
        assertThat(stripped.restored()).isEqualTo(bytes);
        assertThat(Stripped.byTheRule(vector.storeDir(), bytes)).isEqualTo(stripped);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void write_vectorInPieces_givesTheSame(Vector vector) {
        byte[] bytes = vector.bytes();
        Stripped expected = Stripped.whole(vector.storeDir(), bytes);
        for (int length = 1; length < 70; length++) {
            int pieces = length;
            assertThat(Stripped.of(vector.storeDir(), feed -> Splits.every(bytes, pieces, feed)))
                    .as("pieces of %d", length)
                    .isEqualTo(expected);
        }
        for (int at = 0; at <= bytes.length; at++) {
            int split = at;
            assertThat(Stripped.of(vector.storeDir(), feed -> Splits.two(bytes, split, feed)))
                    .as("split at %d", at)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void write_nearMisses_followsTheRule(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            StoreDir storeDir = round % 3 == 0 ? new StoreDir("/gnu/store") : NIX;
            byte[] instructions = new byte[random.nextInt(200)];
            random.nextBytes(instructions);
            byte[] bytes = NearMisses.of(storeDir, instructions);
            Stripped expected = Stripped.byTheRule(storeDir, bytes);
            assertThat(Stripped.whole(storeDir, bytes))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(expected);
            assertThat(Stripped.of(storeDir, feed -> Splits.random(bytes, 100, random, feed)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(expected);
            assertThat(expected.restored()).as("seed %d, round %d", seed, round).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void write_manyNearMisses_followsTheRuleOverBufferEdges(long seed) {
        byte[] instructions = new byte[20_000];
        Random random = new Random(seed);
        random.nextBytes(instructions);
        byte[] bytes = NearMisses.of(NIX, instructions);
        assertThat(bytes).hasSizeGreaterThan(20 * Stripper.BUFFER_BYTES);
        Stripped expected = Stripped.byTheRule(NIX, bytes);
        assertThat(Stripped.whole(NIX, bytes)).as("seed %d", seed).isEqualTo(expected);
        assertThat(Stripped.of(NIX, feed -> Splits.random(bytes, 200_000, random, feed)))
                .as("seed %d", seed)
                .isEqualTo(expected);
    }

    @Test
    void write_referenceAtEveryPlaceNearTheBufferEdge_isFound() {
        for (int before = Stripper.BUFFER_BYTES - 80; before < Stripper.BUFFER_BYTES + 80; before++) {
            byte[] bytes = latin1(" ".repeat(before) + REF_A + " ".repeat(before) + A + " ");
            Stripped stripped = Stripped.whole(NIX, bytes);
            assertThat(stripped.holes())
                    .as("%d bytes before", before)
                    .containsExactly((before + 11) + ":0", (2 * before + REF_A.length()) + ":0");
        }
    }

    @Test
    void write_digestInNameTargetAndContents_leavesAllThree() {
        byte[] nar = NarTokens.directory()
                .openEntry("0")
                .file("see " + REF_A)
                .str(")")
                .openEntry(A + "-lib.so")
                .file("")
                .str(")")
                .openEntry("target")
                .symlink("../" + A + "-a")
                .str(")", ")")
                .toBytes();
        Stripped stripped = Stripped.whole(NIX, nar);
        assertThat(stripped.holes()).hasSize(3);
        assertThat(stripped.digests()).containsExactly(A);
        assertThat(stripped.restored()).isEqualTo(nar);
    }

    @Test
    void write_rebuilds_differInDigestsOnly() {
        for (long seed = 20; seed < 26; seed++) {
            RandomNar nar = RandomNar.of(seed);
            Stripped one = Stripped.whole(NIX, nar.bytes(RandomNar.digests(1, 40)));
            Stripped two = Stripped.whole(NIX, nar.bytes(RandomNar.digests(2, 40)));
            assertThat(one.hex()).as("seed %d", seed).isEqualTo(two.hex());
            assertThat(one.holes()).as("seed %d", seed).isEqualTo(two.holes()).hasSizeGreaterThan(39);
            assertThat(one.digests())
                    .containsExactlyElementsOf(RandomNar.digests(1, 40).stream()
                            .map(Digest::toString)
                            .toList());
        }
    }

    @Test
    void write_moreThanOneHoleIn64Bytes_leavesTheRestUnstripped() {
        // 33 bytes a digest: with the 64 of the start, room for some 64 * 64 / (64 - 33) of them
        byte[] bytes = latin1(REF_A + "\n" + (A + "\n").repeat(1000));
        Stripped stripped = Stripped.whole(NIX, bytes);
        assertThat(stripped).isEqualTo(Stripped.byTheRule(NIX, bytes));
        assertThat(stripped.holes()).hasSizeBetween(500, 600);
        assertThat(stripped.restored()).isEqualTo(bytes);
        assertThat(Stripped.of(NIX, feed -> Splits.every(bytes, 17, feed))).isEqualTo(stripped);
    }

    @Test
    void write_digestWithoutRoom_hasNoSlotLater() {
        // the offset of the late digest is 10221: room for 64 + 159 holes, all taken
        String full = REF_A + ("\n" + A).repeat(308) + "\n";
        String late = "/nix/store/" + B + "-b\n";
        byte[] bytes = latin1(full + late + " ".repeat(1 << 14) + B + "\n" + A + "\n");
        Stripped stripped = Stripped.whole(NIX, bytes);
        assertThat(stripped).isEqualTo(Stripped.byTheRule(NIX, bytes));
        assertThat(stripped.digests()).containsExactly(A);
        assertThat(stripped.holes()).last().isEqualTo((bytes.length - 33) + ":0");
    }

    @Test
    void write_input_isLeftAsItIs() throws IOException {
        byte[] bytes = latin1(REF_A + " " + A + " ");
        byte[] copy = bytes.clone();
        Stripper stripper = new Stripper(NIX, (buffer, off, len) -> Arrays.fill(buffer, off, off + len, (byte) 1));
        stripper.write(bytes, 0, bytes.length);
        stripper.finish();
        assertThat(bytes).isEqualTo(copy);
    }

    @Test
    void write_longRun_isNotHeldBack() throws IOException {
        long[] passed = {0};
        Stripper stripper = new Stripper(NIX, (buffer, off, len) -> passed[0] += len);
        byte[] run = latin1("a".repeat(1000));
        for (int i = 1; i <= 1000; i++) {
            stripper.write(run, 0, run.length);
            assertThat(passed[0]).isGreaterThanOrEqualTo(1000L * i - 32);
        }
        stripper.finish();
        assertThat(passed[0]).isEqualTo(1_000_000);
    }

    @Test
    void finish_twice_isRefused() throws IOException {
        Stripper stripper = new Stripper(NIX, (buffer, off, len) -> {});
        stripper.finish();
        assertThatThrownBy(stripper::finish).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> stripper.write(new byte[1], 0, 1)).isInstanceOf(IllegalStateException.class);
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
