package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class ObjectNameFuzzTest {

    @FuzzTest
    void parse_anyName_isRefusedOrStaysInItsFolder(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (ObjectKind kind : ObjectKind.values()) {
            try {
                String path = ObjectName.parse(kind, text).path();
                assertThat(path).startsWith(kind.folder()).matches("[!-~]+").doesNotContain("/../", "//");
                String name = path.substring(kind.folder().length());
                String again = kind == ObjectKind.LISTING ? name.substring(0, name.length() - 3) : name;
                assertThat(ObjectName.parse(kind, again.replace("%", "%25")).path())
                        .isEqualTo(path);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
