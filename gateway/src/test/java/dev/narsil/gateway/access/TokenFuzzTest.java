package dev.narsil.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import java.nio.charset.StandardCharsets;

/** Any bytes as a stored token, and as what a client sends. */
class TokenFuzzTest {

    @FuzzTest
    void record_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        byte[] sealed = new RecordWriter(Token.KIND, Token.VERSION).bytes(data).finish();
        for (byte[] bytes : new byte[][] {data, sealed}) {
            try {
                assertThat(Token.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("token is ");
            }
        }
    }

    @FuzzTest
    void authorization_anyHeader_isRefusedOrASecret(byte[] data) {
        String header = new String(data, StandardCharsets.ISO_8859_1);
        Authorization.secret(header).ifPresent(secret -> {
            assertThat(header.length()).isLessThanOrEqualTo(Authorization.MAX_LENGTH);
            assertThat(secret.length()).isLessThan(header.length());
            TokenText.parse(secret)
                    .ifPresent(token ->
                            assertThat(token.secretText()).isEqualTo(secret).startsWith("narsil_" + token.id() + "_"));
        });
    }
}
