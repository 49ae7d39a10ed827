package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class ZstdHeaderFuzzTest {

    @FuzzTest
    void window_anyFile_isNotNegative(byte[] file) {
        assertThat(ZstdHeader.window(file)).isNotNegative();
    }
}
