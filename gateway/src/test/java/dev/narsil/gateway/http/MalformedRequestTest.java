package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedRequestTest {

    private static ServedStore served;

    @BeforeAll
    static void serve(@TempDir Path directory) throws IOException {
        served = new ServedStore(directory);
    }

    @AfterAll
    static void close() throws IOException {
        served.close();
    }

    @AfterEach
    void serverStillServes() throws IOException {
        assertThat(served.get("/nix-cache-info").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "\u0016\u0003\u0001\u00fa\u00fb\u0000clienthello\r\n\r\n",
                "GET / HTTP/x.y\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: c\r\nbad header\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: c\r\nna me: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: c\r\nx: a\u0000b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: c\r\nContent-Length: -1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: c\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
            })
    void request_malformed_is400AndCloses(String request) throws IOException {
        assertRefused(request, 400);
    }

    @Test
    void request_versionOfAnotherProtocol_is501() throws IOException {
        try (RawClient client = served.client()) {
            client.send("GET / HTTP/1.7\r\nHost: c\r\n\r\n");
            assertThat(client.receive(false).status()).isEqualTo(501);
        }
    }

    @Test
    void request_nulInThePath_isRefused() throws IOException {
        try (RawClient client = served.client()) {
            client.send("GET /nix-cache-info\u0000 HTTP/1.1\r\nHost: c\r\n\r\n");
            assertThat(client.receive(false).status()).isIn(400, 404);
        }
    }

    @Test
    void request_pathTooLong_is414AndCloses() throws IOException {
        assertRefused("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: c\r\n\r\n", 414);
    }

    @Test
    void request_headersTooLong_is431AndCloses() throws IOException {
        assertRefused("GET / HTTP/1.1\r\nHost: c\r\nx: " + "a".repeat(100_000) + "\r\n\r\n", 431);
    }

    @Test
    void request_tooManyHeaders_is431AndCloses() throws IOException {
        assertRefused("GET / HTTP/1.1\r\nHost: c\r\n" + "x: y\r\n".repeat(10_000) + "\r\n", 431);
    }

    @Test
    void request_http10_isAnsweredAndClosed() throws IOException {
        try (RawClient client = served.client()) {
            client.send("GET /nix-cache-info HTTP/1.0\r\n\r\n");
            RawResponse response = client.receive(false);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.text()).startsWith("StoreDir: ");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void request_absoluteTarget_isAnswered() throws IOException {
        assertThat(served.get("http://cache/nix-cache-info").status()).isEqualTo(200);
    }

    @Test
    void request_shortBody_isIgnored() throws IOException {
        try (RawClient client = served.client()) {
            client.send("GET /nix-cache-info HTTP/1.1\r\nHost: c\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.receive(false).status()).isEqualTo(200);
            assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
        }
    }

    @Test
    void request_longBody_is413AndCloses() throws IOException {
        assertRefused("GET / HTTP/1.1\r\nHost: c\r\nContent-Length: 99999999\r\n\r\n", 413);
        assertRefused("GET / HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n", 413);
    }

    @Test
    void put_withExpect_isRefusedBeforeTheBody() throws IOException {
        assertRefused(
                "PUT /nar/x HTTP/1.1\r\nHost: c\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n", 405);
    }

    @Test
    void put_withoutExpect_isAnsweredAsWhenABodyWasSent() throws IOException {
        assertRefused("PUT /nar/x HTTP/1.1\r\nHost: c\r\nContent-Length: 4\r\n\r\nbody", 501);
    }

    private static void assertRefused(String request, int status) throws IOException {
        try (RawClient client = served.client()) {
            client.send(request);
            RawResponse response = client.receive(false);
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.text())
                    .doesNotContain("Exception")
                    .doesNotContain("\tat ")
                    .hasSizeLessThan(200);
            assertThat(client.isClosed()).isTrue();
        }
    }
}
