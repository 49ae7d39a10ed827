package dev.narsil.gateway.kubo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiAddressTest {

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:5001, http://127.0.0.1:5001/",
        "http://127.0.0.1:5001/, http://127.0.0.1:5001/",
        "https://kubo.example.org/behind//, https://kubo.example.org/behind/",
        "/ip4/127.0.0.1/tcp/5001, http://127.0.0.1:5001/",
        "/ip4/127.0.0.1/tcp/5001/http, http://127.0.0.1:5001/",
        "/ip6/::1/tcp/5001, http://[::1]:5001/",
        "/dns4/kubo.example.org/tcp/443/https, https://kubo.example.org:443/",
        "/dns/kubo.example.org/tcp/443/tls/http, https://kubo.example.org:443/"
    })
    void parse_urlOrMultiaddr_isAUrl(String text, String url) {
        assertThat(ApiAddress.parse(text).root()).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1:5001",
                "ftp://127.0.0.1",
                "http:///x",
                "http://127.0.0.1:5001/?a=b",
                "/ip4/127.0.0.1/tcp/65536",
                "/ip4/127.0.0.1/tcp/5001/p2p/12D3",
                "/ip4/127.0.0.1/udp/5001",
                "/unix/run/kubo.sock",
                "/ip4/../tcp/1",
                "/ip6/evil.example/tcp/1"
            })
    void parse_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> ApiAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_credentials_areRefusedAndNotTold() {
        assertThatThrownBy(() -> ApiAddress.parse("http://user:s3cret@127.0.0.1:5001"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void ofRepository_daemonRunsOrNot_isItsAddress(@TempDir Path repository) throws IOException {
        assertThatThrownBy(() -> ApiAddress.ofRepository(repository)).isInstanceOf(NoSuchFileException.class);
        Files.writeString(repository.resolve("api"), "/ip4/127.0.0.1/tcp/43959\n");
        assertThat(ApiAddress.ofRepository(repository)).hasToString("http://127.0.0.1:43959");
    }
}
