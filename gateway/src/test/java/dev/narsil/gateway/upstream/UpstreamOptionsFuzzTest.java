package dev.narsil.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class UpstreamOptionsFuzzTest {

    @FuzzTest
    void parse_anyText_isRefusedOrHasARootOnAWebServer(byte[] bytes) {
        try {
            UpstreamOptions options = UpstreamOptions.parse(new String(bytes, StandardCharsets.UTF_8));
            assertThat(options.root().toString()).matches("https?://[^?#@]+/");
            assertThat(options.root().getRawUserInfo()).isNull();
            assertThat(options.trustUnsigned() || !options.trustedKeys().isEmpty())
                    .isTrue();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
