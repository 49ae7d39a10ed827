package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.http.UploadServer.Parcel;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files that are uploaded and given back. */
class ObjectEndpointTest {

    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";
    private static final String HEX = "c9a99db148d40853af1fd00ca1cf30d35b11bd84a332443156d67df29074ba88";

    private static UploadServer server;

    @BeforeAll
    static void serve(@TempDir Path directory) throws IOException {
        server = new UploadServer(directory);
    }

    @AfterAll
    static void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/log/DIGEST-demo.drv, text/plain; charset=utf-8",
        "/log/DIGEST-a?b=c+d.drv, text/plain; charset=utf-8",
        "/DIGEST.ls, application/json",
        "/realisations/sha256:HEX!out.doi, application/json",
        "/build-trace-v2/DIGEST-demo.drv/out.doi, application/json",
        "/debuginfo/0123456789abcdef0123456789abcdef01234567.debug, application/json",
    })
    void put_smallFile_comesBack(String pattern, String contentType) throws IOException {
        String path = pattern.replace("DIGEST", DIGEST).replace("HEX", HEX);
        byte[] body = ("of " + path + "\n").repeat(10).getBytes(StandardCharsets.UTF_8);
        assertThat(server.get(path).status()).isEqualTo(404);
        assertThat(server.head(path).status()).isEqualTo(404);
        assertThat(server.put(path, body).status()).isEqualTo(200);
        RawResponse got = server.get(path);
        assertThat(got.status()).isEqualTo(200);
        assertThat(got.body()).isEqualTo(body);
        assertThat(got.header("Content-Type")).isEqualTo(contentType);
        assertThat(got.header("Content-Encoding")).isEmpty();
        RawResponse head = server.head(path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).isEqualTo(got.headers());
        assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(body.length));
        assertThat(server.get(path, "If-None-Match: " + got.header("ETag")).status())
                .isEqualTo(304);
        byte[] other = "other".getBytes(StandardCharsets.US_ASCII);
        assertThat(server.put(path, other).status()).isEqualTo(200);
        assertThat(server.get(path).body()).isEqualTo(other);
        assertThat(server.get(path).header("ETag")).isNotEqualTo(got.header("ETag"));
    }

    @Test
    void get_nameWithPercentCodes_isTheSameFile() throws IOException {
        byte[] body = {1, 2, 3};
        assertThat(server.put("/log/" + DIGEST + "-x?y=z+w.drv", body).status()).isEqualTo(200);
        assertThat(server.get("/log/" + DIGEST + "-x%3Fy%3dz%2Bw.drv").body()).isEqualTo(body);
        assertThat(server.get("/log/" + DIGEST + "-x%3Fy%3dz%20w.drv").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 262_143, 262_144, 262_145, 3_000_000})
    void put_anyLength_comesBack(int length) throws IOException {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        String path = "/log/" + DIGEST + "-length-" + length + ".drv";
        assertThat(server.put(path, body).status()).isEqualTo(200);
        RawResponse got = server.get(path);
        assertThat(got.header("Content-Length")).isEqualTo(String.valueOf(length));
        assertThat(got.body()).isEqualTo(body);
    }

    @Test
    void put_logThatCompressesWell_takesLittleAndMayBeLong() throws IOException {
        byte[] body = "a line of a build log\n".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);
        String path = "/log/" + DIGEST + "-long.drv";
        assertThat(server.put(path, body).status()).isEqualTo(200);
        assertThat(server.get(path).body()).isEqualTo(body);
    }

    @Test
    void put_moreThanItsKindMayHave_is413() throws IOException {
        byte[] noise = new byte[(16 << 20) + 1000];
        new Random(1).nextBytes(noise);
        RawResponse response = server.put("/log/" + DIGEST + "-noise.drv", noise);
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.text()).contains("when compressed");
        byte[] bomb = Compressed.one(Compression.GZIP, new byte[70_000]);
        RawResponse refused =
                server.put("/debuginfo/1123456789abcdef0123456789abcdef01234567.debug", bomb, "Content-Encoding: gzip");
        assertThat(refused.status()).isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "xz", "bzip2"})
    void put_withContentEncoding_comesBackWithoutIt(String coding) throws Exception {
        byte[] body = "a log\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        String path = "/log/" + DIGEST + "-" + coding + ".drv";
        byte[] encoded = Compressed.one(Compression.of(coding), body);
        assertThat(server.put(path, encoded, "Content-Encoding: " + coding).status())
                .isEqualTo(200);
        assertThat(server.get(path).body()).isEqualTo(body);
        byte[] bad = "not encoded at all".getBytes(StandardCharsets.US_ASCII);
        RawResponse refused = server.put(path, bad, "Content-Encoding: " + coding);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("Content-Encoding");
        assertThat(server.get(path).body()).as("the one before stays").isEqualTo(body);
    }

    @Test
    void get_listing_isTheUploadedOneOrElseMadeFromTheNar() throws IOException {
        Parcel uploaded = Parcel.small(1, Compression.NONE);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        String path = "/" + uploaded.info().path().digest() + ".ls";
        assertThat(server.get(path).text()).startsWith("{\"version\":1,\"root\":");
        byte[] listing =
                "{\"version\":1,\"root\":{\"type\":\"regular\",\"size\":0}}".getBytes(StandardCharsets.US_ASCII);
        assertThat(server.put(path, listing).status()).isEqualTo(200);
        assertThat(server.get(path).body()).isEqualTo(listing);
    }
}
