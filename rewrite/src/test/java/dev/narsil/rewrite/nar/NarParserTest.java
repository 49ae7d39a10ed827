package dev.narsil.rewrite.nar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.narsil.rewrite.testing.NarTokens;
import dev.narsil.rewrite.testing.RandomNar;
import dev.narsil.rewrite.testing.Splits;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NarParserTest {

    static List<NarCases.Case> cases() {
        return NarCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void feed_case_isAcceptedOrRefusedWhereItIsWrong(NarCases.Case nar) {
        Parsed parsed = Parsed.whole(nar.nar().toBytes());
        assertThat(parsed.reason()).isEqualTo(nar.reason());
        assertThat(parsed.badOffset()).isEqualTo(nar.nar().badOffset().orElse(-1));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void feed_caseInPieces_saysTheSame(NarCases.Case nar) {
        byte[] bytes = nar.nar().toBytes();
        Parsed expected = Parsed.whole(bytes);
        assertThat(Parsed.of(feed -> Splits.every(bytes, 1, feed))).isEqualTo(expected);
        assertThat(Parsed.of(feed -> Splits.every(bytes, 7, feed))).isEqualTo(expected);
        for (int at = 0; at <= Math.min(bytes.length, 2000); at++) {
            int split = at;
            assertThat(Parsed.of(feed -> Splits.two(bytes, split, feed)))
                    .as("split at %d", at)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void feed_afterRefusal_refusesAgain(NarCases.Case nar) throws NarException {
        NarParser parser = new NarParser(new NarVisitor() {});
        byte[] bytes = nar.nar().toBytes();
        if (nar.reason().isEmpty()) {
            parser.feed(bytes, 0, bytes.length);
            parser.finish();
            assertThat(parser.offset()).isEqualTo(bytes.length);
            return;
        }
        NarException first = catchThrowableOfType(NarException.class, () -> {
            parser.feed(bytes, 0, bytes.length);
            parser.finish();
        });
        assertThat(parser.contentsRemaining()).isZero();
        assertThatThrownBy(() -> parser.feed(bytes, 0, 0)).isSameAs(first);
        assertThatThrownBy(() -> parser.feed(bytes, 0, bytes.length)).isSameAs(first);
        assertThatThrownBy(parser::finish).isSameAs(first);
        assertThat(parser.offset()).isEqualTo(first.offset());
    }

    @Test
    void feed_tree_tellsOfNodesInOrder() {
        byte[] nar = NarTokens.directory()
                .openEntry("bin")
                .str("(", "type", "directory")
                .openEntry("hi")
                .str("(", "type", "regular", "executable", "", "contents", "#!/bin/sh\necho hi\n", ")", ")")
                .str(")", ")")
                .openEntry("link")
                .symlink("bin/hi")
                .str(")", ")")
                .toBytes();
        assertThat(Parsed.whole(nar).events())
                .containsExactly(
                        "directory ", "directory bin", "executable hi 18@400", "end", "symlink link -> bin/hi", "end");
    }

    @Test
    void feed_rootFile_hasEmptyNameAndContentsAt96() {
        assertThat(Parsed.whole(NarTokens.nar().file("x").toBytes()).events()).containsExactly("regular  1@96");
    }

    @Test
    void feed_sizeWord_tellsOfTheFileBeforeItsContents() throws NarException {
        byte[] nar = NarTokens.regular().str("contents").word(5).toBytes();
        long[] told = {-1};
        NarParser parser = new NarParser(new NarVisitor() {
            @Override
            public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
                told[0] = size;
            }
        });
        parser.feed(nar, 0, nar.length - 1);
        assertThat(told[0]).isEqualTo(-1);
        assertThat(parser.contentsRemaining()).isZero();
        parser.feed(nar, nar.length - 1, 1);
        assertThat(told[0]).isEqualTo(5);
        assertThat(parser.contentsRemaining()).isEqualTo(5);
    }

    @Test
    void skipContents_inFile_countsAsFed() throws NarException {
        byte[] head = NarTokens.regular()
                .str("contents")
                .word(5_000_000_001L)
                .raw("abc")
                .toBytes();
        byte[] tail = NarTokens.nothing().raw(new byte[7]).str(")").toBytes();
        NarParser parser = new NarParser(new NarVisitor() {});
        parser.feed(head, 0, head.length);
        assertThat(parser.contentsRemaining()).isEqualTo(4_999_999_998L);
        parser.skipContents(4_999_999_990L);
        assertThat(parser.contentsRemaining()).isEqualTo(8);
        assertThatThrownBy(() -> parser.skipContents(9)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> parser.skipContents(-1)).isInstanceOf(IllegalArgumentException.class);
        parser.skipContents(8);
        parser.feed(tail, 0, tail.length);
        parser.finish();
        assertThat(parser.offset()).isEqualTo(head.length + 4_999_999_998L + tail.length);
    }

    @Test
    void feed_visitorKeepsAndChangesNames_orderIsStillChecked() {
        byte[] nar = NarTokens.directory().entry("b").entry("a").str(")").toBytes();
        NarParser parser = new NarParser(new NarVisitor() {
            @Override
            public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
                name[0] = 0;
            }
        });
        assertThatThrownBy(() -> parser.feed(nar, 0, nar.length)).hasMessageContaining("not sorted");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void feed_randomNarInRandomPieces_saysTheSame(long seed) {
        byte[] nar = new RandomNar(seed, RandomNar.of(seed).storeDir(), 60, 300_000).bytes(RandomNar.digests(seed, 9));
        Parsed expected = Parsed.whole(nar);
        assertThat(expected.reason()).as("seed %d", seed).isEmpty();
        for (int longest : new int[] {3, 100, 10_000, 1_000_000}) {
            Random random = new Random(seed * 31 + longest);
            assertThat(Parsed.of(feed -> Splits.random(nar, longest, random, feed)))
                    .as("seed %d, pieces up to %d", seed, longest)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void feed_damagedNar_isRefusedAlikeOrWritesBackAlike(long seed) {
        Random random = new Random(seed);
        byte[] good = new RandomNar(seed, RandomNar.of(seed).storeDir(), 12, 200).bytes(RandomNar.digests(seed, 2));
        for (int round = 0; round < 300; round++) {
            byte[] nar = good.clone();
            int at = random.nextInt(nar.length);
            nar[at] ^= (byte) (1 << random.nextInt(8));
            Parsed whole = Parsed.whole(nar);
            assertThat(Parsed.of(feed -> Splits.random(nar, 50, random, feed)))
                    .as("seed %d, damage at %d", seed, at)
                    .isEqualTo(whole);
            if (whole.badOffset() < 0) {
                assertThat(Rewritten.of(nar))
                        .as("seed %d, damage at %d", seed, at)
                        .isEqualTo(nar);
            }
        }
    }
}
