package dev.narsil.rewrite.path;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class StorePathFuzzTest {

    @FuzzTest
    void parse_anyText_isRefusedOrPrintsBack(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        StorePath path;
        try {
            path = StorePath.parse(StoreDir.DEFAULT, text);
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(path.in(StoreDir.DEFAULT)).isEqualTo(text);
        assertThat(path.baseName()).matches("[0-9a-df-np-sv-z]{32}-[0-9A-Za-z+._?=-]{1,211}");
    }
}
