package dev.narsil.blockstore.ipfs.dagcbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CborTest {

    private static final List<Codec> CODECS = List.copyOf(EnumSet.allOf(Codec.class));

    /** The order keys have in dag-cbor, which the writer leaves to its caller. */
    private static final Comparator<String> CANONICAL = Comparator.comparing(
            key -> key.getBytes(StandardCharsets.UTF_8),
            Comparator.<byte[]>comparingInt(bytes -> bytes.length).thenComparing(Arrays::compareUnsigned));

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** Examples of RFC 8949, appendix A. */
    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "01, 1",
        "0a, 10",
        "17, 23",
        "1818, 24",
        "1819, 25",
        "1864, 100",
        "1903e8, 1000",
        "1a000f4240, 1000000",
        "1b000000e8d4a51000, 1000000000000",
        "20, -1",
        "29, -10",
        "3863, -100",
        "3903e7, -1000",
        "18ff, 255",
        "190100, 256",
        "19ffff, 65535",
        "1a00010000, 65536",
        "1affffffff, 4294967295",
        "1b0000000100000000, 4294967296",
        "1b7fffffffffffffff, 9223372036854775807",
        "3b7fffffffffffffff, -9223372036854775808"
    })
    void integer_known_isReadAndWritten(String hex, long value) throws FormatException {
        assertThat(CborTree.read(hex(hex))).isEqualTo(value);
        assertThat(CborTree.write(value)).isEqualTo(hex(hex));
    }

    @Test
    void value_known_isReadAndWritten() throws FormatException {
        assertKnown("f4", false);
        assertKnown("f5", true);
        assertKnown("f6", null);
        assertKnown("60", "");
        assertKnown("62c3bc", "\u00fc");
        assertKnown("64f0908591", "\ud800\udd51");
        assertKnown("80", List.of());
        assertKnown("8301820203820405", List.of(1L, List.of(2L, 3L), List.of(4L, 5L)));
        assertKnown("a0", Map.of());
        assertKnown("826161a161626163", List.of("a", Map.of("b", "c")));
        assertKnown("a16568656c6c6f65776f726c64", Map.of("hello", "world"));
        assertKnown("d82a4500 01550000", Cid.parse("bafkqaaa"));
        assertKnown(
                "d82a582300 122059948439065f29619ef41280cbb932be52c56d99c5966b65e0111239f098bbef",
                Cid.parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"));
        assertThat(CborTree.write(new byte[0])).isEqualTo(hex("40"));
        assertThat(CborTree.write(hex("01020304"))).isEqualTo(hex("4401020304"));
        assertThat((byte[]) CborTree.read(hex("4401020304"))).isEqualTo(hex("01020304"));
    }

    private static void assertKnown(String hex, @Nullable Object value) throws FormatException {
        assertThat(CborTree.read(hex(hex))).isEqualTo(value);
        assertThat(CborTree.write(value)).isEqualTo(hex(hex));
    }

    @ParameterizedTest
    @CsvSource({
        "'', ends early",
        "1817, shortest form",
        "1800, shortest form",
        "1900ff, shortest form",
        "1a0000ffff, shortest form",
        "1b00000000ffffffff, shortest form",
        "3817, shortest form",
        "5800, shortest form",
        "7800, shortest form",
        "9800, shortest form",
        "b800, shortest form",
        "d9002a4500 01550000, shortest form",
        "d82a580500 01550000, shortest form",
        "1b8000000000000000, more than 63 bits",
        "1bffffffffffffffff, more than 63 bits",
        "3b8000000000000000, more than 63 bits",
        "5bffffffffffffffff, more than 63 bits",
        "1c, indefinite or reserved",
        "1f, indefinite or reserved",
        "5f4100ff, indefinite or reserved",
        "7f6161ff, indefinite or reserved",
        "9fff, indefinite or reserved",
        "bfff, indefinite or reserved",
        "f7, begins no value", // undefined
        "e0, begins no value",
        "f814, begins no value",
        "f815, begins no value",
        "f90000, begins no value", // floats
        "fa47c35000, begins no value",
        "fb3ff199999999999a, begins no value",
        "ff, begins no value",
        "c000, tag 0 is not that of a link",
        "d82b4500 01550000, tag 43 is not that of a link",
        "d82a6500 01550000, a text where bytes was expected",
        "d82a40, does not begin with byte 0",
        "d82a4501 01550000, does not begin with byte 0",
        "d82a4401550000, does not begin with byte 0",
        "d82a4600 0155000000, not the length announced",
        "d82a4400 01550000, not the length announced",
        "d82a4500 02550000, version 2",
        "d82a, ends early",
        "d82a4500 015500, ends early",
        "62ff61, not UTF-8",
        "6261, ends early",
        "4261, ends early",
        "7affffffff, ends early",
        "8201, ends early",
        "9a7fffffff 00, ends early",
        "ba7fffffff 00, ends early",
        "a161, ends early",
        "a16161, ends early",
        "a10000, an integer where a text was expected",
        "a1416100, bytes where a text was expected",
        "a2616100616100, not in order", // twice
        "a2616200616100, not in order",
        "a262616100616200, not in order", // longer first
        "a2616100 a0, a map where a text was expected",
        "0000, 1 bytes are left over",
        "a000, 1 bytes are left over",
        "f600, 1 bytes are left over"
    })
    void value_ofAnotherForm_isRefused(String hex, String reason) {
        assertThatThrownBy(() -> CborTree.read(hex(hex)))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("value is corrupt at byte ")
                .hasMessageContaining(reason);
    }

    @Test
    void value_nestedTooDeep_isRefused() throws FormatException {
        int depth = CborReader.MAX_DEPTH;
        byte[] deepest = hex("81".repeat(depth) + "00");
        assertThat(CborTree.write(CborTree.read(deepest))).isEqualTo(deepest);
        assertThatThrownBy(() -> CborTree.read(hex("81".repeat(depth + 1) + "00")))
                .hasMessageContaining("nested more than 64 deep");
        assertThatThrownBy(() -> CborTree.read(hex("a16161".repeat(100_000) + "00")))
                .hasMessageContaining("nested more than 64 deep");
    }

    @Test
    void reader_askedForAnotherKind_refuses() {
        for (String hex : new String[] {"00", "20", "40", "60", "80", "a0", "d82a450001550000", "f4", "f6"}) {
            int accepted = 0;
            List<Ask> asks = List.of(
                    CborReader::integer,
                    CborReader::bytes,
                    CborReader::text,
                    CborReader::array,
                    CborReader::map,
                    CborReader::link,
                    CborReader::bool,
                    CborReader::nothing);
            for (Ask ask : asks) {
                CborReader reader = new CborReader("value", hex(hex));
                try {
                    ask.ask(reader);
                    reader.finish();
                    accepted++;
                } catch (FormatException e) {
                    assertThat(e).hasMessageContaining("was expected");
                }
            }
            assertThat(accepted).as(hex).isEqualTo(1);
        }
        assertThatThrownBy(() -> new CborReader("value", hex("20")).size()).hasMessageContaining("negative");
    }

    private interface Ask {
        void ask(CborReader reader) throws FormatException;
    }

    @Test
    void reader_askedOutOfTurn_refuses() throws FormatException {
        CborReader map = new CborReader("value", hex("a1616100"));
        map.map();
        assertThatThrownBy(map::text).hasMessageContaining("a key is due");
        CborReader array = new CborReader("value", hex("816161"));
        array.array();
        assertThatThrownBy(array::key).hasMessageContaining("no key is due");
        CborReader early = new CborReader("value", hex("816161"));
        early.array();
        assertThatThrownBy(early::finish).hasMessageContaining("not complete");
        CborReader two = new CborReader("value", hex("0000"));
        two.integer();
        assertThatThrownBy(two::integer).hasMessageContaining("second value");
    }

    @Test
    void writer_usedOutOfTurn_refuses() {
        assertThatThrownBy(() -> new CborWriter().finish()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new CborWriter().array(2).integer(1).finish()).hasMessageContaining("not complete");
        assertThatThrownBy(() -> new CborWriter().map(1).key("a").finish()).hasMessageContaining("not complete");
        assertThatThrownBy(() -> new CborWriter().array(1).integer(1).integer(2))
                .hasMessageContaining("second value");
        assertThatThrownBy(() -> new CborWriter().map(1).integer(1)).hasMessageContaining("a key is due");
        assertThatThrownBy(() -> new CborWriter().map(2).key("a").key("b")).hasMessageContaining("no key is due");
        assertThatThrownBy(() -> new CborWriter().map(2).key("b").nothing().key("a"))
                .hasMessageContaining("not in order");
        assertThatThrownBy(() -> new CborWriter().map(2).key("aa").nothing().key("b"))
                .hasMessageContaining("not in order");
        assertThatThrownBy(() -> new CborWriter().map(2).key("a").nothing().key("a"))
                .hasMessageContaining("not in order");
    }

    static LongStream seeds() {
        return Seeds.fresh(4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void value_random_comesBack(long seed) throws FormatException {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            Object value = value(random, 5);
            byte[] block = CborTree.write(value);
            Object read = CborTree.read(block);
            assertThat(read).usingRecursiveComparison().isEqualTo(value);
            assertThat(CborTree.write(read)).isEqualTo(block);
            for (int length = 0; length < block.length; length++) {
                byte[] cut = Arrays.copyOf(block, length);
                assertThatThrownBy(() -> CborTree.read(cut)).isInstanceOf(FormatException.class);
            }
        }
    }

    private static @Nullable Object value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 6 : 8)) {
            case 0 -> random.nextLong() >> random.nextInt(64);
            case 1 -> random.nextBoolean();
            case 2 -> null;
            case 3 -> Nars.noise(random.nextLong(), random.nextInt(40));
            case 4 -> text(random);
            case 5 -> Cid.hash(CODECS.get(random.nextInt(3)), Nars.noise(random.nextLong(), 1));
            case 6 -> {
                List<@Nullable Object> values = new ArrayList<>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    values.add(value(random, depth - 1));
                }
                yield values;
            }
            default -> {
                Map<String, @Nullable Object> entries = new TreeMap<>(CANONICAL);
                for (int n = random.nextInt(4); n > 0; n--) {
                    entries.put(text(random), value(random, depth - 1));
                }
                yield new LinkedHashMap<>(entries);
            }
        };
    }

    private static String text(Random random) {
        int[] points = random.ints(random.nextInt(30), 0, 0x10000)
                .map(point -> Character.isSurrogate((char) point) ? point + 0x10000 : point)
                .toArray();
        return new String(points, 0, points.length);
    }
}
