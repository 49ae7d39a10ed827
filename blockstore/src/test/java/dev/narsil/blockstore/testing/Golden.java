package dev.narsil.blockstore.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32C;

/** Records that earlier versions may have stored, as hex in the resources. They were made from the specification alone. */
public final class Golden {

    private static final int CHECKSUM = 4;

    private Golden() {}

    /** Reads stored bytes. */
    public interface Decoder {
        Object decode(byte[] bytes) throws FormatException;
    }

    /** Returns the bytes of {@code name.hex} next to {@code test}. */
    public static byte[] load(Class<?> test, String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(test.getResourceAsStream(name + ".hex"), name)) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replace("\n", ""));
        }
    }

    /** Tells whether every shorter and longer form and every flipped bit is refused, and with the right exception. */
    public static void assertDamageRefused(byte[] record, Decoder decoder) {
        for (int length = 0; length < record.length; length++) {
            assertRefused(Arrays.copyOf(record, length), decoder, "cut to " + length + " bytes");
        }
        assertRefused(Arrays.copyOf(record, record.length + 1), decoder, "a byte longer");
        for (int bit = 0; bit < 8 * record.length; bit++) {
            byte[] flipped = record.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(flipped, decoder, "bit " + bit + " flipped");
        }
    }

    private static void assertRefused(byte[] bytes, Decoder decoder, String how) {
        assertThatThrownBy(() -> decoder.decode(bytes))
                .as(how)
                .isInstanceOf(FormatException.class)
                .message()
                .isNotBlank();
    }

    /** Tells whether the record in a newer version is refused as such. */
    public static void assertNewerRefused(byte[] record, String what, Decoder decoder) {
        byte[] newer = record.clone();
        newer[1]++;
        assertThatThrownBy(() -> decoder.decode(resealed(newer)))
                .isInstanceOfSatisfying(
                        FormatException.class,
                        e -> assertThat(e.isNewerVersion()).isTrue())
                .hasMessageContaining(what + " is of a newer version: " + newer[1]);
    }

    /** Returns the record with its checksum made right. */
    public static byte[] resealed(byte[] record) {
        byte[] sealed = record.clone();
        int end = record.length - CHECKSUM;
        CRC32C crc = new CRC32C();
        crc.update(sealed, 0, end);
        for (int i = 0; i < CHECKSUM; i++) {
            sealed[end + i] = (byte) (crc.getValue() >>> (8 * i));
        }
        return sealed;
    }

    /** Returns a record of this kind, version 1, with a right checksum around anything. */
    public static byte[] sealed(char kind, byte[] body) {
        return resealed(Nars.concat(new byte[] {(byte) kind, 1}, body, new byte[CHECKSUM]));
    }
}
