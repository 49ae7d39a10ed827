package dev.narsil.gateway.trustless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.trustless.SharedRecord.What;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedRecordTest {

    private static byte[] golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(SharedRecordTest.class.getResourceAsStream("shared-path.hex"))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    private static byte[] filled(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static SharedRecord record() {
        return new SharedRecord(
                What.MANIFEST,
                Digest.of(filled(1, Digest.BYTES), 0),
                Sha256.of(filled(2, Sha256.BYTES)),
                Sha256.of(filled(3, Sha256.BYTES)));
    }

    @Test
    void encode_record_isAsSpecified() throws IOException {
        assertThat(record().encode()).isEqualTo(golden());
        assertThat(SharedRecord.decode(golden())).isEqualTo(record());
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> SharedRecord.decode(changed)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> SharedRecord.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        byte[] sealed = new RecordWriter(SharedRecord.KIND, SharedRecord.VERSION)
                .bytes(data)
                .finish();
        for (byte[] bytes : new byte[][] {data, sealed}) {
            try {
                assertThat(SharedRecord.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("shared path is ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.1:7745", "/ip4/127.0.0.1/tcp/7745", "/ip4/1\"/tcp/1/http", "/ip4//tcp/1/http"})
    void provider_otherAddress_isRefused(String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Provider(List.of(address)));
    }
}
