package dev.narsil.chunker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Pins the cuts of {@code gear-1}. If a test of this class fails, stored blocks no longer match new ones: mend the
 * code.
 */
class ChunkerGoldenTest {

    private final Chunker chunker = new Chunker(ChunkerParameters.DEFAULT);

    @Test
    void cut_randomInput_isPinned() throws NoSuchAlgorithmException {
        List<Integer> lengths = Cuts.lengths(chunker, Cuts.random(20260101, 4 << 20), 0);
        assertThat(lengths.subList(0, 20))
                .containsExactly(
                        34088, 44409, 40554, 56447, 36633, 50924, 63749, 25356, 37690, 33430, 33962, 39352, 33278,
                        57799, 33665, 38588, 44047, 32807, 52102, 53164);
        assertThat(hash(lengths)).isEqualTo("31b8df8d6e82b5849dd8a2ff276e686c3ac15dbab3bc03af5a95e14c143c20ef");
    }

    @Test
    void cut_fourSymbols_isPinned() throws NoSuchAlgorithmException {
        byte[] data = Cuts.random(42, 4 << 20);
        for (int i = 0; i < data.length; i++) {
            data[i] &= 3;
        }
        assertThat(hash(Cuts.lengths(chunker, data, 0)))
                .isEqualTo("c77ccaaa0d94677faf3a2ab24c42a7469ce13bc6f2de66bc90d607bc37ec502f");
    }

    @Test
    void cut_zeros_isPinned() {
        assertThat(Cuts.lengths(chunker, new byte[1 << 20], 0)).isEqualTo(Collections.nCopies(8, 128 << 10));
    }

    @Test
    void rule_name_isPinned() {
        assertThat(Chunker.RULE).isEqualTo("gear-1");
    }

    /** SHA-256 over the lengths, each four bytes big endian. */
    private static String hash(List<Integer> lengths) throws NoSuchAlgorithmException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * lengths.size());
        lengths.forEach(bytes::putInt);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    }
}
