package dev.narsil.rewrite.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Sha256Test {

    private static final String BASE32 = "094qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic";
    private static final String HEX = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    private static final Sha256 HELLO = Sha256.hash("hello".getBytes(StandardCharsets.US_ASCII));
    private static final String BASE64 = Base64.getEncoder().encodeToString(HELLO.bytes());

    @Test
    void parse_everyForm_givesTheSameHash() {
        assertThat(Sha256.parse("sha256:" + BASE32)).isEqualTo(HELLO);
        assertThat(Sha256.parse("sha256:" + HEX)).isEqualTo(HELLO);
        assertThat(Sha256.parse("sha256:" + BASE64)).isEqualTo(HELLO);
        assertThat(Sha256.parse("sha256-" + BASE64)).isEqualTo(HELLO);
        assertThat(Sha256.parseBase32(BASE32)).isEqualTo(HELLO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                BASE32,
                HEX,
                "sha256:",
                "sha1:" + HEX,
                "sha512:" + HEX,
                "SHA256:" + HEX,
                "sha256:" + BASE32 + "0",
                "sha256: " + BASE32,
                "sha256:194qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwie",
                "sha256:294qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic",
                "sha256:zcf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "sha256-" + HEX,
                "sha256-" + BASE32,
                "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ",
                "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmA==",
                "sha256-LPJNul_wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
            })
    void parse_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> Sha256.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void toString_hash_isTheFormOfNarinfos() {
        assertThat(HELLO).hasToString("sha256:" + BASE32);
        assertThat(HELLO.toHex()).isEqualTo(HEX);
        assertThat(HELLO.toBase32()).isEqualTo(BASE32);
    }

    @Test
    void finish_messageDigest_isResetForTheNext() {
        MessageDigest digest = Sha256.newDigest();
        digest.update("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(Sha256.finish(digest)).isEqualTo(HELLO);
        assertThat(Sha256.finish(digest)).isEqualTo(Sha256.hash(new byte[0]));
    }

    @Test
    void finish_otherAlgorithm_isRefused() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        assertThatThrownBy(() -> Sha256.finish(digest)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_bytes_areCopiedInAndOut() {
        byte[] bytes = HELLO.bytes();
        Sha256 hash = Sha256.of(bytes);
        bytes[0]++;
        hash.bytes()[1]++;
        assertThat(hash).isEqualTo(HELLO).hasSameHashCodeAs(HELLO);
        byte[] target = new byte[34];
        hash.copyTo(target, 1);
        assertThat(Sha256.of(target, 1)).isEqualTo(HELLO);
        assertThatThrownBy(() -> Sha256.of(target, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void compareTo_hashes_goesByUnsignedBytes() {
        byte[] low = new byte[32];
        byte[] high = new byte[32];
        low[0] = 0x7f;
        high[0] = (byte) 0x80;
        assertThat(Sha256.of(low)).isLessThan(Sha256.of(high)).isNotEqualTo(Sha256.of(high));
    }
}
