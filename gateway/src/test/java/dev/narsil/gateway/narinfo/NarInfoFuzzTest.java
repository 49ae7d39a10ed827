package dev.narsil.gateway.narinfo;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.rewrite.path.StoreDir;
import java.nio.charset.StandardCharsets;

class NarInfoFuzzTest {

    @FuzzTest
    void parse_anyBytes_printsWhatParsesTheSame(byte[] text) {
        NarInfo info;
        try {
            info = NarInfo.parse(StoreDir.DEFAULT, text);
        } catch (NarInfoException e) {
            assertThat(e.reason()).isNotEmpty().doesNotContain("\n");
            return;
        }
        byte[] printed = info.printBytes(StoreDir.DEFAULT);
        try {
            assertThat(NarInfo.parse(StoreDir.DEFAULT, printed)).isEqualTo(info);
        } catch (NarInfoException e) {
            throw new AssertionError("printed text does not parse", e);
        }
        info.fileSha256();
        info.deriver();
    }

    @FuzzTest
    void parse_anyKeyOrSignature_printsItself(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        try {
            Signature signature = Signature.parse(text);
            assertThat(Signature.parse(signature.toString())).hasToString(signature.toString());
            PublicKey.CACHE_NIXOS_ORG.verifies(data, signature);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        try {
            assertThat(PublicKey.parse(PublicKey.parse(text).toString()).name()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
