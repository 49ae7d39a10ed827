package dev.narsil.gateway.alias;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AliasTest {

    private static final Sha256 NAR_HASH = Sha256.hash(new byte[] {'n', 'a', 'r'});
    private static final Alias ALIAS = new Alias(
            Compression.GZIP, 1, NAR_HASH, 123_456, StoredForm.GZIP.length(123_456), 54_321, 0xfedcba98, 1_800_000_000);

    @Test
    void encode_anAlias_isPinned() throws IOException {
        byte[] golden = golden();

        assertThat(HexFormat.of().formatHex(ALIAS.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden));
        assertThat(Alias.decode(golden)).isEqualTo(ALIAS);
    }

    @ParameterizedTest
    @EnumSource
    void decode_eachCompression_isWhatWasEncoded(Compression compression) throws IOException {
        long length = AliasForm.of(compression) instanceof StoredForm form ? form.length(96) : 77;
        Alias alias = new Alias(compression, 1, NAR_HASH, 96, length, 1, 0, 0);

        assertThat(Alias.decode(alias.encode())).isEqualTo(alias);
    }

    @Test
    void decode_aliasOfAnotherFormVersion_isWhatWasEncoded() throws IOException {
        Alias alias = new Alias(Compression.XZ, 2, NAR_HASH, 96, 5, 1, 0, 0);

        assertThat(Alias.decode(alias.encode())).isEqualTo(alias);
    }

    @Test
    void decode_damaged_isRefused() throws IOException {
        byte[] record = golden();
        for (int length = 0; length < record.length; length++) {
            assertRefused(Arrays.copyOf(record, length));
        }
        assertRefused(Arrays.copyOf(record, record.length + 1));
        for (int bit = 0; bit < 8 * record.length; bit++) {
            byte[] flipped = record.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(flipped);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lzop, 1, 96, 96, 0, unsupported compression",
        "none, 0, 96, 96, 0, version 0",
        "none, 1, 0, 96, 0, NarSize 0",
        "none, 1, 96, 97, 0, length 97 instead of 96",
        "bzip2, 1, 96, 0, 0, length 0",
        "none, 1, 96, 96, 4294967296, a CRC-32 is 4294967296",
    })
    void decode_impossibleAlias_saysWhy(
            String compression, int version, long narSize, long length, long crc32, String reason) {
        byte[] record = new RecordWriter(Alias.KIND, Alias.VERSION)
                .string(compression)
                .u8(version)
                .bytes(NAR_HASH.bytes())
                .varint(narSize)
                .varint(length)
                .varint(1)
                .varint(crc32)
                .varint(0)
                .finish();

        assertThatThrownBy(() -> Alias.decode(record))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("alias is corrupt: ")
                .hasMessageContaining(reason);
    }

    @Test
    void decode_newerVersion_isRefusedAsSuch() {
        byte[] record = new RecordWriter(Alias.KIND, Alias.VERSION + 1).finish();

        assertThatThrownBy(() -> Alias.decode(record))
                .isInstanceOfSatisfying(
                        FormatException.class,
                        e -> assertThat(e.isNewerVersion()).isTrue());
    }

    private static void assertRefused(byte[] record) {
        assertThatThrownBy(() -> Alias.decode(record))
                .as(HexFormat.of().formatHex(record))
                .isInstanceOf(FormatException.class);
    }

    private static byte[] golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(AliasTest.class.getResourceAsStream("alias.hex"))) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }
}
