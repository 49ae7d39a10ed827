package dev.narsil.gateway.alias;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import java.util.Arrays;
import java.util.zip.CRC32C;

class AliasFuzzTest {

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesTheSame(byte[] data) {
        byte[] record = sealed(data);
        try {
            assertThat(Alias.decode(record).encode()).isEqualTo(record);
        } catch (FormatException e) {
            assertThat(e).hasMessageContaining("alias");
        }
    }

    /** Appends the checksum, which no fuzzer guesses. */
    private static byte[] sealed(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        byte[] record = Arrays.copyOf(body, body.length + Integer.BYTES);
        for (int i = 0; i < Integer.BYTES; i++) {
            record[body.length + i] = (byte) (crc.getValue() >>> (8 * i));
        }
        return record;
    }
}
