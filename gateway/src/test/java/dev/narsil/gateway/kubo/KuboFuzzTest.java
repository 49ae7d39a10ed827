package dev.narsil.gateway.kubo;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KuboFuzzTest {

    @FuzzTest
    void next_anyBytes_areObjectsOrRefused(byte[] answer) throws IOException {
        JsonLines lines = new JsonLines(
                new ByteArrayInputStream(answer),
                reason -> new KuboException(KuboException.Kind.UNINTELLIGIBLE, reason));
        try {
            for (JsonFields fields = lines.next(); fields != null; fields = lines.next()) {
                var _ = fields.has("Cid");
                var _ = fields.optionalCount("Progress");
                var _ = fields.optionalText("Name");
                var _ = fields.texts("Pins");
                var _ = fields.objects("Responses");
            }
        } catch (KuboException e) {
            assertThat(e.kind()).isEqualTo(KuboException.Kind.UNINTELLIGIBLE);
        }
    }

    @FuzzTest
    void parse_anyText_isAnAddressThatIsReadAgainOrRefused(byte[] bytes) {
        ApiAddress address;
        try {
            address = ApiAddress.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(ApiAddress.parse(address.toString())).isEqualTo(address);
    }

    @Test
    void next_linesAtTheBound_areReadAndThoseBeyondAreRefused() throws IOException {
        String name = "x".repeat(JsonLines.MAX_LINE_BYTES - 9);
        String line = "{\"N\":\"" + name + "\"}\n";
        next_anyBytes_areObjectsOrRefused(line.getBytes(StandardCharsets.UTF_8));
        JsonLines lines = new JsonLines(
                new ByteArrayInputStream((line + "\n" + line).getBytes(StandardCharsets.UTF_8)),
                reason -> new KuboException(KuboException.Kind.UNINTELLIGIBLE, reason));
        assertThat(lines.next()).isNotNull();
        assertThat(lines.next()).isNotNull();
        assertThat(lines.next()).isNull();
    }
}
