package dev.narsil.gateway.ipfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PublishedPathTest {

    private static final PublishedPath PATH = new PublishedPath(
            Cid.hash(Codec.DAG_CBOR, new byte[] {1}),
            Cid.hash(Codec.DAG_PB, new byte[] {2}),
            Instant.parse("2026-11-21T18:00:00Z"));

    private static byte[] golden() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(PublishedPathTest.class.getResourceAsStream("published-path.hex"))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    @Test
    void encode_path_isAsSpecified() throws IOException {
        assertThat(HexFormat.of().formatHex(PATH.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden()));
    }

    @Test
    void decode_whatWasEncoded_isThat() throws IOException {
        assertThat(PublishedPath.decode(golden())).isEqualTo(PATH);
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> PublishedPath.decode(changed)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> PublishedPath.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] bytes) {
        try {
            assertThat(PublishedPath.decode(bytes).encode()).isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e).hasMessageMatching("(?s)(published path|CID) .*");
        }
    }
}
