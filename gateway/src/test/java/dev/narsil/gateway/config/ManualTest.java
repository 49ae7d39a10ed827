package dev.narsil.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The manual's table of settings is what the settings are. */
class ManualTest {

    private static final Path MANUAL = Path.of("../docs/manual.md");

    private static String row(Setting<?> setting) {
        String option = setting.option() + (setting.label().isEmpty() ? "" : " " + setting.label());
        String standard = String.join(" ", setting.defaults());
        return "| `" + setting.key() + "` | `" + option + "` | " + (standard.isEmpty() ? "" : "`" + standard + "`")
                + " | " + setting.description() + " |";
    }

    @Test
    void settingsTable_isThatOfTheSettings() throws IOException {
        String table = "| in the file | option | default | |\n|---|---|---|---|\n"
                + Settings.ALL.stream().map(ManualTest::row).collect(Collectors.joining("\n"))
                + "\n\n";
        assertThat(Files.readString(MANUAL)).contains(table);
    }
}
