package dev.narsil.rewrite.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NixBase32Test {

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 2", "16, 26", "20, 32", "32, 52", "64, 103"})
    void encodedLength_bytes_isThatOfNix(int bytes, int characters) {
        assertThat(NixBase32.encodedLength(bytes)).isEqualTo(characters);
        assertThat(NixBase32.encode(new byte[bytes])).isEqualTo("0".repeat(characters));
    }

    @Test
    void encode_hashesOfNix_givesTheirText() {
        assertThat(Sha256.hash(new byte[0]).toBase32())
                .isEqualTo("0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
        assertThat(Sha256.hash("hello".getBytes(StandardCharsets.US_ASCII)).toBase32())
                .isEqualTo("094qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 16, 20, 32, 64})
    void decode_encodedRandomBytes_givesThemBack(int length) {
        Random random = new Random(length);
        for (int round = 0; round < 100; round++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(NixBase32.decode(NixBase32.encode(bytes), length))
                    .as("seed %d", length)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void decode_allOnes_givesAllOnes() {
        byte[] ones = new byte[20];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(NixBase32.encode(ones)).isEqualTo("z".repeat(32));
        assertThat(NixBase32.decode("z".repeat(32), 20)).isEqualTo(ones);
    }

    @ParameterizedTest
    @ValueSource(chars = {'2', '3', '9', 'a', 'z'})
    void decode_sha256WithBitsBeyondItsEnd_isRefused(char first) {
        assertThatThrownBy(() -> NixBase32.decode(first + "0".repeat(51), 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("beyond");
    }

    @Test
    void decode_sha256StartingWithOne_setsTheTopBit() {
        assertThat(NixBase32.decode("1" + "0".repeat(51), 32)[31]).isEqualTo((byte) 0x80);
    }

    @ParameterizedTest
    @ValueSource(chars = {'e', 'o', 'u', 't', 'A', '-', ' ', '\0', '\u00e9', '\u0130'})
    void decode_characterOutsideTheAlphabet_isRefused(char bad) {
        for (int at : new int[] {0, 13, 31}) {
            String text = "0".repeat(at) + bad + "0".repeat(31 - at);
            assertThatThrownBy(() -> NixBase32.decode(text, 20))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(" " + at + ":");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 52})
    void decode_wrongLength_isRefused(int length) {
        assertThatThrownBy(() -> NixBase32.decode("0".repeat(length), 20)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isDigit_allBytes_areThoseOfTheAlphabet() {
        for (int b = 0; b < 256; b++) {
            assertThat(NixBase32.isDigit((byte) b)).isEqualTo("0123456789abcdfghijklmnpqrsvwxyz".indexOf(b) >= 0);
        }
    }
}
