package dev.narsil.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stored form of a token, against records made from the specification. */
class TokenTest {

    private static final String TEXT = "narsil_0l2060h1_07qy3lf1n6hr30bic58l2c91240g1q6hq2qa1440f1h50h1h4080";
    private static final Sha256 HASH = Sha256.hash(TEXT.getBytes(StandardCharsets.US_ASCII));
    private static final Token TOKEN = new Token(
            "0l2060h1",
            "ci",
            EnumSet.of(Permission.READ, Permission.WRITE),
            Instant.ofEpochSecond(1_700_000_000),
            Instant.ofEpochSecond(1_800_000_000),
            HASH);
    private static final Token FOR_EVER =
            new Token("zzzzzzzz", "a.B_c-9", Set.of(Permission.ADMIN), Instant.EPOCH, null, HASH);

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(TokenTest.class.getResourceAsStream(name + ".hex"), name)) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", ""));
        }
    }

    @Test
    void token_golden_isReadAndWritten() throws IOException {
        assertThat(Token.decode(golden("token"))).isEqualTo(TOKEN);
        assertThat(TOKEN.encode()).isEqualTo(golden("token"));
        assertThat(TOKEN.key()).isEqualTo(new byte[] {1, 2, 3, 4, 5});
        assertThat(Token.decode(golden("token-never"))).isEqualTo(FOR_EVER);
        assertThat(FOR_EVER.encode()).isEqualTo(golden("token-never"));
    }

    @Test
    void token_goldenOfVersion2_isReadAndWritten() throws IOException {
        Token pinning = new Token(
                TOKEN.id(),
                TOKEN.name(),
                Set.of(Permission.READ, Permission.PIN),
                TOKEN.created(),
                TOKEN.expires(),
                HASH);
        assertThat(Token.decode(golden("token-pin"))).isEqualTo(pinning);
        assertThat(pinning.encode()).isEqualTo(golden("token-pin"));
    }

    @Test
    void token_anyDamage_isRefused() throws IOException {
        byte[] record = golden("token");
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

    private static void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> Token.decode(bytes))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("token is ");
    }

    @Test
    void token_newerVersion_isRefusedAsSuch() {
        assertThatThrownBy(() -> Token.decode(new RecordWriter(Token.KIND, 3).finish()))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("newer version: 3");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 16, 17, 255})
    void token_noOrUnknownPermissions_isRefused(int permissions) {
        RecordWriter record = new RecordWriter(Token.KIND, Token.VERSION)
                .bytes(new byte[Token.ID_BYTES])
                .string("ci")
                .u8(permissions)
                .varint(0)
                .varint(0)
                .bytes(new byte[Sha256.BYTES]);
        assertThatThrownBy(() -> Token.decode(record.finish()))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("token is corrupt: permissions ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "a/b", "a\n"})
    void token_badName_isRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Token.checkName(name));
    }

    @Test
    void isExpired_aroundTheSecond_isFromThatSecondOn() {
        Instant end = Instant.ofEpochSecond(1_800_000_000);
        assertThat(TOKEN.isExpired(end.minusNanos(1))).isFalse();
        assertThat(TOKEN.isExpired(end)).isTrue();
        assertThat(FOR_EVER.isExpired(Instant.MAX)).isFalse();
    }
}
