package dev.narsil.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Any text as a configuration file. */
class ConfigFuzzTest {

    private static final Path FILE = Path.of("/etc/narsil/config.toml");

    @FuzzTest
    void file_anyText_isReadOrRefusedWithItsPlace(byte[] data) {
        try {
            ConfigFile file = ConfigFile.parse(FILE, new String(data, StandardCharsets.UTF_8));
            Configuration read = Configuration.of(Map.of(), Map.of(), file, FILE);
            assertThat(read.effective()).hasSameSizeAs(Settings.ALL);
        } catch (ConfigException e) {
            assertThat(e.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem).startsWith(FILE.toString()));
        }
    }
}
