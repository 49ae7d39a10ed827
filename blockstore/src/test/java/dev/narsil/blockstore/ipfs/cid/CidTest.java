package dev.narsil.blockstore.ipfs.cid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.rewrite.hash.Sha256;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidTest {

    private static final List<Codec> CODECS = List.copyOf(EnumSet.allOf(Codec.class));

    private static final String HELLO = "1220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    private static final String SHA_OF_ZEROS = "0000000000000000000000000000000000000000000000000000000000000000";

    /** Text, bytes, codec and block as the documentation and the tools of IPFS have them. */
    @ParameterizedTest
    @CsvSource({
        "bafkqaaa, 01550000, RAW, ''",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku,"
                + "01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, RAW, ''",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e, 0155" + HELLO + ", RAW, 68656c6c6f20776f726c64",
        "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354,"
                + "0170122059948439065f29619ef41280cbb932be52c56d99c5966b65e0111239f098bbef, DAG_PB, 0a020801",
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn,"
                + "122059948439065f29619ef41280cbb932be52c56d99c5966b65e0111239f098bbef, DAG_PB, 0a020801",
        "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH,"
                + "1220bfccda787baba32b59c78450ac3d20b633360b43992c77289f9ed46d843561e6, DAG_PB, 0a0408021800",
        "bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae,"
                + "01711220785197229dc8bb1152945da58e2348f7e279eeded06cc2ca736d0e879858b501, DAG_CBOR,"
                + "a16568656c6c6f65776f726c64",
        "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua,"
                + "01711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e2f87404b81dc345c7a56a0, DAG_CBOR, a0"
    })
    void cid_known_isReadAndWritten(String text, String hex, Codec codec, String block) throws FormatException {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] contents = HexFormat.of().parseHex(block);
        for (Cid cid : new Cid[] {Cid.parse(text), Cid.decode(bytes)}) {
            assertThat(cid).hasToString(text);
            assertThat(cid.bytes()).isEqualTo(bytes);
            assertThat(cid.length()).isEqualTo(bytes.length);
            assertThat(cid.codec()).isEqualTo(codec);
            assertThat(cid.version()).isEqualTo(text.startsWith("Q") ? 0 : 1);
            assertThat(cid.isOf(contents, 0, contents.length)).isTrue();
            assertThat(cid.isOf(new byte[] {1, 2, 3}, 0, 3)).isFalse();
        }
    }

    @Test
    void cid_made_isThatOfItsBlock() throws FormatException {
        byte[] hello = Nars.ascii("hello world");
        assertThat(Cid.hash(Codec.RAW, hello))
                .isEqualTo(Cid.decode(HexFormat.of().parseHex("0155" + HELLO)));
        assertThat(Cid.hash(Codec.RAW, hello).sha256()).contains(Sha256.hash(hello));
        assertThat(Cid.hash(Codec.DAG_PB, hello)).isNotEqualTo(Cid.hash(Codec.RAW, hello));
        assertThat(Cid.identity(hello, 0, 0)).hasToString("bafkqaaa");
        Cid identity = Cid.identity(hello, 6, 5);
        assertThat(identity.isIdentity()).isTrue();
        assertThat(identity.sha256()).isEmpty();
        assertThat(identity.digest()).isEqualTo(Nars.ascii("world"));
        assertThat(identity.digestLength()).isEqualTo(5);
        assertThat(identity.isOf(hello, 6, 5)).isTrue();
        assertThat(identity.isOf(hello, 5, 5)).isFalse();
        assertThat(Cid.decode(identity.bytes())).isEqualTo(identity).hasSameHashCodeAs(identity);
    }

    @Test
    void identity_longest_isRead_andLongerIsRefused() throws FormatException {
        byte[] block = Nars.noise(1, 129);
        Cid longest = Cid.identity(block, 0, 128);
        assertThat(Cid.parse(longest.toString())).isEqualTo(longest);
        assertThat(longest.length()).isEqualTo(Cid.MAX_BYTES);
        assertThat(longest.toString()).hasSize(Cid.MAX_TEXT_LENGTH);
        assertThatThrownBy(() -> Cid.identity(block, 0, 129)).isInstanceOf(IllegalArgumentException.class);
        byte[] longer = Nars.concat(HexFormat.of().parseHex("0155008101"), block);
        assertThatThrownBy(() -> Cid.decode(longer)).hasMessageContaining("a digest of 129 bytes");
    }

    static LongStream seeds() {
        return Seeds.fresh(4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void cid_random_comesBack(long seed) throws FormatException {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] block = new byte[random.nextInt(129)];
            random.nextBytes(block);
            Codec codec = CODECS.get(random.nextInt(3));
            for (Cid cid : new Cid[] {Cid.identity(block, 0, block.length), Cid.hash(codec, block)}) {
                assertThat(Cid.decode(cid.bytes())).isEqualTo(cid);
                assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
            }
            Cid old = Cid.decode(
                    Nars.concat(new byte[] {0x12, 0x20}, Sha256.hash(block).bytes()));
            assertThat(Cid.parse(old.toString())).isEqualTo(old);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "01",
                "0155",
                "015512",
                "01551220",
                "0155122000", // ends early
                "02551220" + SHA_OF_ZEROS,
                "00551220" + SHA_OF_ZEROS, // version
                "81001220" + SHA_OF_ZEROS,
                "01d5001220" + SHA_OF_ZEROS, // not the shortest form
                "01561220" + SHA_OF_ZEROS,
                "01721220" + SHA_OF_ZEROS, // codec
                "01551320" + SHA_OF_ZEROS,
                "01551120" + SHA_OF_ZEROS, // hash function
                "0155121f" + SHA_OF_ZEROS,
                "01551221" + SHA_OF_ZEROS + "00", // length of the digest
                "01551220" + SHA_OF_ZEROS + "00", // left over
                "0155000161ff",
                "1221" + SHA_OF_ZEROS + "00",
                "1220",
                "1220" + SHA_OF_ZEROS + "00",
                "0155008000"
            })
    void bytes_ofAnotherForm_areRefused(String hex) {
        assertThatThrownBy(() -> Cid.decode(HexFormat.of().parseHex(hex)))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("CID is corrupt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "b",
                "afkqaaa",
                "Bafkqaaa",
                "BAFKQAAA",
                "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA",
                "f01550000",
                "bafkqaa",
                "bafkqaab", // bits left over
                "bafkqaaaa",
                "bafkqaaa=",
                "bafkqaa1",
                "bafkqaaA",
                "bafkqaa\u00e9",
                " bafkqaaa",
                "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N", // too short
                "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nnn",
                "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N0",
                "Qmzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
                // version 0 in base32
                "bciqftfeehedf6klbt32bfaglxezl4uwfnwm4lftlmxqbcerz6cmlx3y"
            })
    void text_ofAnotherForm_isRefused(String text) {
        assertThatThrownBy(() -> Cid.parse(text))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("CID is corrupt");
    }

    @Test
    void text_oneCharacterChanged_isAnotherCidOrRefused() throws FormatException {
        for (String text : new String[] {
            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
            "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
        }) {
            Cid cid = Cid.parse(text);
            for (int i = 0; i < text.length(); i++) {
                char[] changed = text.toCharArray();
                changed[i] = changed[i] == 'a' ? 'c' : 'a';
                String other = new String(changed);
                try {
                    assertThat(Cid.parse(other)).isNotEqualTo(cid).hasToString(other);
                } catch (FormatException e) {
                    assertThat(e).hasMessageStartingWith("CID is corrupt");
                }
            }
        }
    }

    @Test
    void decode_doesNotKeepTheArray() throws FormatException {
        byte[] bytes = Cid.hash(Codec.RAW, new byte[0]).bytes();
        Cid cid = Cid.decode(bytes);
        Arrays.fill(bytes, (byte) 9);
        Arrays.fill(cid.bytes(), (byte) 9);
        assertThat(cid).isEqualTo(Cid.hash(Codec.RAW, new byte[0]));
    }
}
