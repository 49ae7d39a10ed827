package dev.narsil.gateway.kubo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiSecretTest {

    @ParameterizedTest
    @CsvSource({
        "bearer:tok, Bearer tok",
        "tok, Bearer tok",
        "basic:user:pass, Basic dXNlcjpwYXNz",
        "basic:dXNlcjpwYXNz, Basic dXNlcjpwYXNz",
        "bearer:a:b, Bearer a:b"
    })
    void parse_formsOfKubo_areTheHeaderItWants(String text, String header) {
        assertThat(ApiSecret.parse(text).header()).isEqualTo(header);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "digest:s3cret", "s3cret\r\nX: y", "s3cret\u00e4"})
    void parse_anythingElse_isRefusedAndNotTold(String text) {
        assertThatThrownBy(() -> ApiSecret.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void read_file_isReadWithoutItsLineEnd(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("secret"), "bearer:tok\n");
        assertThat(ApiSecret.read(file).header()).isEqualTo("Bearer tok");
        assertThat(ApiSecret.read(file).toString()).doesNotContain("tok");
        Files.writeString(file, "x".repeat(ApiSecret.MAX_BYTES + 1));
        assertThatThrownBy(() -> ApiSecret.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString());
    }
}
