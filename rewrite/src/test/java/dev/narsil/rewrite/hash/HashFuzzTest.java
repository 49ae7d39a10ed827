package dev.narsil.rewrite.hash;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class HashFuzzTest {

    @FuzzTest
    void decode_anyText_isRefusedOrEncodesBack(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        for (int bytes : new int[] {16, 20, 32, 64}) {
            byte[] decoded;
            try {
                decoded = NixBase32.decode(text, bytes);
            } catch (IllegalArgumentException e) {
                continue;
            }
            assertThat(NixBase32.encode(decoded)).isEqualTo(text);
        }
    }

    @FuzzTest
    void parse_anyText_isRefusedOrPrintsBack(byte[] data) {
        Sha256 hash;
        try {
            hash = Sha256.parse(new String(data, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(Sha256.parse(hash.toString())).isEqualTo(hash);
        assertThat(Sha256.parse("sha256:" + hash.toHex())).isEqualTo(hash);
    }
}
