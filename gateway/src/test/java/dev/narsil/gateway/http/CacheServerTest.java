package dev.narsil.gateway.http;

import static dev.narsil.gateway.http.ServedStore.narInfoPath;
import static dev.narsil.gateway.http.ServedStore.narPath;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheServerTest {

    private static final byte[] NAR = ServedStore.nar(1);

    private static ServedStore served;
    private static PathInfo info;

    @BeforeAll
    static void serve(@TempDir Path directory) throws IOException {
        served = new ServedStore(directory);
        info = served.add(1, NAR);
        assertThat(NAR.length).isGreaterThan(1_000_000);
    }

    @AfterAll
    static void close() throws IOException {
        served.close();
    }

    @Test
    void get_cacheInfo_isWhatNixReads() throws IOException {
        RawResponse response = served.get("/nix-cache-info");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("content-type")).isEqualTo("text/x-nix-cache-info");
        assertThat(response.text()).isEqualTo("StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 30\n");
    }

    @Test
    void get_narInfo_isTheRenderedPathInfo() throws IOException {
        for (int i = 0; i < 2; i++) {
            RawResponse response = served.get(narInfoPath(info));
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("content-type")).isEqualTo("text/x-nix-narinfo");
            assertThat(response.text()).isEqualTo(NarInfo.of(info).print(StoreDir.DEFAULT));
        }
    }

    @Test
    void get_narInfoWithBytesThatAreNotAscii_hasThemVerbatim() throws IOException {
        byte[] nar = new RandomNar(8, StoreDir.DEFAULT, 1, 100).bytes(List.of());
        PathInfo plain = served.add(8, nar);
        PathInfo accented = new PathInfo(
                plain.path(),
                plain.narHash(),
                null,
                nar.length,
                List.of(),
                null,
                "syst\u00e9me",
                List.of("cl\u00e9-1:c2lnbmF0dXJl"),
                null,
                List.of("Note: \u00e9t\u00e9"));
        served.store.publish(accented).join();
        RawResponse response = served.get(narInfoPath(accented));
        assertThat(new String(response.body(), StandardCharsets.ISO_8859_1))
                .contains("\nSystem: syst\u00e9me\n", "\nSig: cl\u00e9-1:c2ln", "\nNote: \u00e9t\u00e9\n");
        assertThat(NarInfo.parse(StoreDir.DEFAULT, response.body()).pathInfo()).isEqualTo(accented);
    }

    @Test
    void get_narInfoAddedAfterA404_isThere() throws IOException {
        byte[] nar = ServedStore.nar(2);
        String path = "/" + RandomNar.digests(2, 1).getFirst() + ".narinfo";
        assertThat(served.get(path).status()).isEqualTo(404);
        served.add(2, nar);
        assertThat(served.get(path).status()).isEqualTo(200);
    }

    @Test
    void get_narInfosPipelined_answersInOrder() throws IOException {
        String absent = "/" + "0".repeat(32) + ".narinfo";
        int pairs = 300;
        try (RawClient client = served.client()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < pairs; i++) {
                requests.append("GET ").append(narInfoPath(info)).append(" HTTP/1.1\r\nHost: c\r\n\r\n");
                requests.append("GET ").append(absent).append(" HTTP/1.1\r\nHost: c\r\n\r\n");
            }
            client.send(requests.toString());
            for (int i = 0; i < pairs; i++) {
                assertThat(client.receive(false).status()).isEqualTo(200);
                assertThat(client.receive(false).status()).isEqualTo(404);
            }
        }
    }

    @Test
    void get_nar_isTheNar() throws IOException {
        RawResponse response = served.get(narPath(info), "Accept-Encoding: zstd, br, gzip");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(NAR);
        assertThat(response.headers()).doesNotContainKey("content-encoding").doesNotContainKey("content-range");
        assertThat(response.header("content-type")).isEqualTo("application/x-nix-nar");
        assertThat(response.header("etag")).isEqualTo("\"" + info.narHash().toBase32() + "-none\"");
        assertThat(response.header("accept-ranges")).isEqualTo("bytes");
        assertThat(response.header("cache-control")).contains("immutable");
    }

    @Test
    void get_smallNars_oneAfterAnotherOnOneConnection() throws IOException {
        byte[] small = new RandomNar(7, StoreDir.DEFAULT, 1, 100).bytes(List.of());
        PathInfo smallInfo = served.add(7, small);
        try (RawClient client = served.client()) {
            for (int i = 0; i < 50; i++) {
                assertThat(client.exchange("GET", narPath(smallInfo)).body()).isEqualTo(small);
            }
            assertThat(client.exchange("GET", narPath(info)).body()).isEqualTo(NAR);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-, 0, -1",
        "bytes=0-0, 0, 1",
        "bytes=100000-, 100000, -1",
        "bytes=8191-8192, 8191, 8193",
        "bytes=300000-999999, 300000, 1000000",
        "bytes=5-99999999999, 5, -1",
        "bytes=-1, -2, -1",
        "bytes=-70000, -70001, -1",
    })
    void get_range_isThoseBytes(String range, int from, int to) throws IOException {
        int start = from < 0 ? NAR.length + from + 1 : from;
        int end = to < 0 ? NAR.length : to;
        RawResponse response = served.get(narPath(info), "Range: " + range);
        assertThat(response.status()).isEqualTo(206);
        assertThat(response.body()).isEqualTo(Arrays.copyOfRange(NAR, start, end));
        assertThat(response.header("content-range")).isEqualTo("bytes " + start + "-" + (end - 1) + "/" + NAR.length);
        assertThat(response.header("etag")).isEqualTo("\"" + info.narHash().toBase32() + "-none\"");
        assertThat(response.header("accept-ranges")).isEqualTo("bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1,5-6", "bytes=x-", "chars=0-1", "bytes=9-8"})
    void get_rangeNotUnderstood_isTheWhole(String range) throws IOException {
        RawResponse response = served.get(narPath(info), "Range: " + range);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(NAR);
    }

    @Test
    void get_rangeBeyondTheEnd_is416() throws IOException {
        RawResponse response = served.get(narPath(info), "Range: bytes=" + NAR.length + "-");
        assertThat(response.status()).isEqualTo(416);
        assertThat(response.header("content-range")).isEqualTo("bytes */" + NAR.length);
    }

    @Test
    void get_ifRange_ofThisTagOnly() throws IOException {
        String tag = "\"" + info.narHash().toBase32() + "-none\"";
        String range = "Range: bytes=4-7";
        assertThat(served.get(narPath(info), range, "If-Range: " + tag).status())
                .isEqualTo(206);
        assertThat(served.get(narPath(info), range, "If-Range: W/" + tag).status())
                .isEqualTo(200);
        assertThat(served.get(narPath(info), range, "If-Range: \"other\"").status())
                .isEqualTo(200);
        assertThat(served.get(narPath(info), range, "If-Range: Sat, 21 Nov 2026 09:00:00 GMT")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void get_ifNoneMatch_ofThisTag_is304WithoutABody() throws IOException {
        String tag = "\"" + info.narHash().toBase32() + "-none\"";
        for (String value : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
            try (RawClient client = served.client()) {
                RawResponse response = client.exchange("GET", narPath(info), "If-None-Match: " + value);
                assertThat(response.status()).as(value).isEqualTo(304);
                assertThat(response.header("etag")).isEqualTo(tag);
                assertThat(client.exchange("GET", "/healthz").status()).isEqualTo(200);
            }
        }
        assertThat(served.get(narPath(info), "If-None-Match: \"x\"").status()).isEqualTo(200);
    }

    @Test
    void head_everyPath_hasTheHeadersOfGet() throws IOException {
        String none = "0".repeat(52);
        for (String path : List.of(
                "/",
                "/nix-cache-info",
                narInfoPath(info),
                narPath(info),
                "/" + info.path().digest() + ".ls",
                "/nar/" + none + ".nar",
                "/" + "0".repeat(32) + ".narinfo",
                "/" + "0".repeat(32) + ".ls",
                "/nowhere")) {
            RawResponse get = served.get(path);
            RawResponse head = served.head(path);
            assertThat(head.status()).as(path).isEqualTo(get.status());
            assertThat(head.headers()).as(path).isEqualTo(get.headers());
            assertThat(get.body()).as(path).hasSize(Integer.parseInt(get.header("content-length")));
        }
        assertThat(served.head("/healthz").status()).isEqualTo(200);
    }

    @Test
    void get_listing_namesEveryFile() throws IOException {
        RawResponse response = served.get("/" + info.path().digest() + ".ls");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("content-type")).isEqualTo("application/json");
        assertThat(response.text()).startsWith("{\"version\":1,\"root\":{\"type\":\"directory\",\"entries\":{");
    }

    @Test
    void get_listingOfOpaqueNar_is404WithTheReason() throws IOException {
        byte[] opaque = "this is not a NAR, but its hash is right".getBytes(StandardCharsets.UTF_8);
        PathInfo opaqueInfo = served.add(8, opaque);
        RawResponse listing = served.get("/" + opaqueInfo.path().digest() + ".ls");
        assertThat(listing.status()).isEqualTo(404);
        assertThat(listing.text()).contains("bad NAR at offset");
        assertThat(served.get(narPath(opaqueInfo)).body()).isEqualTo(opaque);
    }

    @Test
    void get_health_isCounted() throws IOException, InterruptedException {
        long before = served.server.counters().narsServed();
        RawResponse nar = served.get(narPath(info));
        assertThat(nar.status()).isEqualTo(200);
        served.await(c -> c.narsServed() > before && c.responsesInFlight() == 0);
        RawResponse health = served.get("/healthz");
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.header("content-type")).isEqualTo("application/json");
        assertThat(health.text()).contains("\"status\":\"ok\"").contains("\"corruptResponses\":0");
    }

    @Test
    void get_front_tellsHowToUseIt() throws IOException {
        assertThat(served.get("/").text())
                .contains("extra-substituters = http://cache")
                .contains("/nix/store");
    }

    private static RawResponse send(String method) throws IOException {
        try (RawClient client = served.client()) {
            return client.exchange(method, "/nix-cache-info");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "FOO"})
    void request_otherMethod_is405(String method) throws IOException {
        RawResponse response = send(method);
        assertThat(response.status()).isEqualTo(405);
        assertThat(response.header("allow")).isEqualTo("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nope",
                "//nix-cache-info",
                "/nix-cache-info/",
                "/nix-cache-info?x=1",
                "/nix%2Dcache-info",
                "/%2e%2e/nix-cache-info",
                "/../nix-cache-info",
                "/nar/../nix-cache-info",
                "/nar/",
                "/nar/00000000000000000000000000000000000000000000000000ee.nar",
                "/nar/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz.nar",
                "/nar/../../../../../../../../../../../../../../../../a.nar",
                "/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.narinfo",
                "/EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE.narinfo",
                "/00000000000000000000000000000000.NARINFO",
                "/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.ls",
                "/\u00ff\u00fe\u0080",
                "*"
            })
    void get_anythingElse_is404(String path) throws IOException {
        RawResponse response = served.get(path);
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.header("content-type")).startsWith("text/plain");
        assertThat(response.body()).hasSizeLessThan(200);
    }

    @Test
    void get_narOfUnknownHash_is404() throws IOException {
        assertThat(served.get("/nar/" + Sha256.hash(new byte[1]).toBase32() + ".nar")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void start_portInUse_saysSo() {
        ServerOptions taken = ServedStore.OPTIONS.withAddress(
                "127.0.0.1", served.server.address().getPort());
        assertThatThrownBy(() -> CacheServer.start(served.store, taken))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on 127.0.0.1:");
    }
}
