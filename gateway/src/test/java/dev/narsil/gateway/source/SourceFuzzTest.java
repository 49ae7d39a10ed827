package dev.narsil.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

class SourceFuzzTest {

    private static final int MAX_DECODED_BYTES = 1 << 20;

    @FuzzTest
    void cacheInfo_anyBytes_isReadOrRefused(byte[] text) {
        try {
            CacheInfo info = CacheInfo.parse(text);
            String storeDir = info.storeDir();
            assertThat(storeDir == null || storeDir.equals(storeDir.strip())).isTrue();
        } catch (SourceException e) {
            assertThat(e).hasMessageContaining("Priority");
        }
    }

    @FuzzTest
    void url_anyText_isAFileBelowItsDirectoryOrRefused(byte[] text) {
        String url = "file://" + new String(text, StandardCharsets.ISO_8859_1);
        try (FileSource source = new FileSource(url, StoreDir.DEFAULT)) {
            assertThat(source.describe()).startsWith("file:///");
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @FuzzTest
    void decode_anyBytes_isDecodedOrRefused(byte[] file) {
        for (Compression compression : Compression.values()) {
            try (InputStream in = compression.decode(new ByteArrayInputStream(file))) {
                assertThat(in.readNBytes(MAX_DECODED_BYTES).length).isLessThanOrEqualTo(MAX_DECODED_BYTES);
            } catch (IOException e) {
                assertThat(e).isNotNull();
            }
        }
    }
}
