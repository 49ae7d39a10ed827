package dev.narsil.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.narsil.gateway.narinfo.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamOptionsTest {

    private static final String KEY = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
    private static final String PLUS_KEY = SignedPath.KEY.publicKey().toString();

    @Test
    void parse_allParameters_areRead() {
        UpstreamOptions options = UpstreamOptions.parse("https://Cache.example:8443/nix/?priority=7&trusted-key=" + KEY
                + "&trusted-key=" + PLUS_KEY + "&trust-unsigned=false");

        assertThat(options.url()).isEqualTo("https://Cache.example:8443/nix");
        assertThat(options.root().resolve("x.narinfo")).hasToString("https://Cache.example:8443/nix/x.narinfo");
        assertThat(options.priority()).isEqualTo(7);
        assertThat(options.trustedKeys()).map(PublicKey::toString).containsExactly(KEY, PLUS_KEY);
        assertThat(options.trustUnsigned()).isFalse();
        assertThat(options.authorization()).isNull();
    }

    @Test
    void parse_plusAndPercentInAKey_arePlusAndWhatIsEncoded() {
        // of 32 bytes 0xfb the base64 begins with "+/"
        byte[] bytes = new byte[32];
        java.util.Arrays.fill(bytes, (byte) 0xfb);
        bytes[31] = 0x1b;
        String base64 = Base64.getEncoder().encodeToString(bytes);
        String key = "a:" + base64;
        assertThat(base64).contains("+");

        assertThat(UpstreamOptions.parse("http://c?trusted-key=" + key).trustedKeys())
                .map(PublicKey::toString)
                .containsExactly(key);
        assertThat(UpstreamOptions.parse("http://c?trusted-key="
                                + key.replace("+", "%2B").replace("/", "%2f").replace(":", "%3A"))
                        .trustedKeys())
                .map(PublicKey::toString)
                .containsExactly(key);
    }

    @Test
    void parse_credentials_areSentAsBasicAndNeverShown() {
        UpstreamOptions options = UpstreamOptions.parse("http://us%40er:pa%2Fss@cache.example?trust-unsigned=true");

        assertThat(options.authorization())
                .isEqualTo(
                        "Basic " + Base64.getEncoder().encodeToString("us@er:pa/ss".getBytes(StandardCharsets.UTF_8)));
        assertThat(options.url()).isEqualTo("http://cache.example");
        assertThat(options.toString()).doesNotContain("pa", "Basic");
    }

    @Test
    void parse_nobodyToTrust_saysWhatToAdd() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamOptions.parse("https://u:secret@cache.example?priority=1"))
                .withMessageContaining("https://cache.example")
                .withMessageContaining("trusted-key=NAME:KEY")
                .withMessageContaining("trust-unsigned=true")
                .withMessageNotContaining("secret");
    }

    @Test
    void parse_unknownParameter_isRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamOptions.parse("https://cache.example?trust-unsigned=true&compression=xz"))
                .withMessageContaining("'compression'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://cache.example?trust-unsigned=true",
                "file:///cache?trust-unsigned=true",
                "https://?trust-unsigned=true",
                "https:///cache?trust-unsigned=true",
                "https://u:secret@ho st?trust-unsigned=true",
                "https://c#x?trust-unsigned=true",
                "https://c?",
                "https://c?trust-unsigned=yes",
                "https://c?trust-unsigned",
                "https://c?trust-unsigned=true&priority=-1",
                "https://c?trust-unsigned=true&priority=",
                "https://c?trust-unsigned=true&priority=99999999",
                "https://c?trust-unsigned=true&priority=1&priority=2",
                "https://c?trusted-key=nameonly",
                "https://c?trusted-key=a:b",
                "https://c?trusted-key=%zz",
                "https://c?trust-unsigned=true&"
            })
    void parse_anythingElse_isRefusedWithoutCredentials(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamOptions.parse(text))
                .withMessageNotContaining("secret");
    }

    @Test
    void default_isTheCacheOfNixosWithItsKey() {
        assertThat(UpstreamOptions.DEFAULT)
                .hasToString(UpstreamOptions.parse("https://cache.nixos.org?trusted-key=" + KEY)
                        .toString())
                .hasToString("https://cache.nixos.org priority 40, trusted keys [" + KEY + "]");
    }
}
