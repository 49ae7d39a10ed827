package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import dev.narsil.gateway.importer.CacheFixture;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.path.StorePath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that publishes an index, and another one that follows it and has no other upstream. */
@Timeout(180)
class IpfsIndexCommandsTest {

    private static final String KEY = CacheFixture.KEY.publicKey().toString();

    @TempDir
    private Path folder;

    private Cli publisher;
    private Cli follower;
    private CacheFixture cache;
    private StorePath first;
    private FakeKubo fake;

    @BeforeEach
    void start() throws IOException {
        publisher = new Cli(Files.createDirectory(folder.resolve("publisher")));
        follower = new Cli(Files.createDirectory(folder.resolve("follower")));
        cache = new CacheFixture(folder.resolve("cache"));
        first = cache.add(1, Compression.NONE);
        String source = cache.directory().toUri().toString();
        assertThat(publisher.run("import", source, "--trusted-key", KEY).code()).isZero();
        Path keyFile = Files.createFile(
                folder.resolve("publisher/key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(keyFile, CacheFixture.KEY.secretText());
        fake = new FakeKubo();
    }

    @AfterEach
    void stop() throws IOException {
        fake.close();
    }

    private String api() {
        return fake.address().toString();
    }

    private static Result passed(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private static HttpResponse<byte[]> get(HttpClient http, String uri) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** What {@code stats} tells of the one index that is followed. */
    private static JsonObject index(Cli cli) {
        JsonObject stats = new JsonObject(passed(cli.run("stats", "--json")).out());
        assertThat(stats.getJsonArray("indexes")).hasSize(1);
        return stats.getJsonArray("indexes").getJsonObject(0);
    }

    @Test
    void follower_publisherIsGone_servesThePathFromIpfs() throws Exception {
        passed(publisher.run("ipfs", "publish", "--all", "--trusted-key", KEY, "--api", api()));
        try (Serving serving = publisher.serve()) {
            JsonObject index = new JsonObject(passed(publisher.run(
                            "ipfs", "index", "publish", "--sign-key-file", "key", "--json", "--api", api()))
                    .out());
            assertThat(index.getLong("paths")).isEqualTo(1);
            assertThat(fake.pins()).contains(index.getString("cid"));

            Result followed = passed(
                    follower.run("ipfs", "index", "subscribe", serving.url(), "--trusted-key", KEY, "--api", api()));
            assertThat(followed.out()).contains("following " + serving.url() + ": 1 path");
        }
        JsonObject listed = new JsonObject(
                passed(follower.run("ipfs", "index", "list", "--json")).out());
        assertThat(listed.getJsonArray("subscriptions").getJsonObject(0).getLong("paths"))
                .isEqualTo(1);
        JsonObject idle = index(follower);
        assertThat(idle.getInteger("number")).isZero();
        assertThat(idle.getString("source")).startsWith("http://");
        assertThat(idle.getLong("unaskedSeconds")).isNotNegative();
        assertThat(idle.containsKey("refreshes")).isFalse();

        try (Serving serving = follower.serve("--ipfs-api", api());
                HttpClient http = HttpClient.newHttpClient()) {
            assertThat(index(follower).getLong("refreshes")).isNotNegative();
            assertThat(passed(follower.run("stats")).out()).contains("index 0 http://");
            HttpResponse<byte[]> narInfo = get(http, serving.url() + "/" + first.digest() + ".narinfo");
            assertThat(narInfo.statusCode()).isEqualTo(200);
            String text = new String(narInfo.body(), StandardCharsets.ISO_8859_1);
            assertThat(text)
                    .contains("\nURL: nar/")
                    .contains("\nCompression: none\n")
                    .contains("\nX-Narsil-Cid: ");
            String url = text.lines()
                    .filter(line -> line.startsWith("URL: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("URL: ".length());

            HttpResponse<byte[]> nar = get(http, serving.url() + "/" + url);
            assertThat(nar.statusCode()).isEqualTo(200);
            assertThat(nar.body()).isEqualTo(cache.nar(first));
        }
        assertThat(passed(follower.run("path-info", first.baseName())).out()).contains(first.toString());

        String source = listed.getJsonArray("subscriptions").getJsonObject(0).getString("source");
        passed(follower.run("ipfs", "index", "unsubscribe", source));
        assertThat(follower.run("ipfs", "index", "unsubscribe", source).err()).contains("is not followed");
    }

    @Test
    void publish_ipnsKey_namesTheRoot() {
        fake.on("name/publish", (call, wire) -> wire.json("{\"Name\":\"k51test\",\"Value\":\"" + call.arg() + "\"}"));
        passed(publisher.run("ipfs", "publish", "--all", "--trusted-key", KEY, "--api", api()));

        Result published = passed(
                publisher.run("ipfs", "index", "publish", "--sign-key-file", "key", "--ipns", "cache", "--api", api()));

        assertThat(published.out()).contains("name      /ipns/k51test");
        assertThat(fake.calls().getLast().option("key")).isEqualTo("cache");
        assertThat(fake.calls().getLast().option("timeout")).isEqualTo("180000ms");
    }

    @Test
    void commands_wrongArguments_areRefused() {
        assertThat(follower.run("ipfs", "index", "subscribe", "http://127.0.0.1:1")
                        .code())
                .isEqualTo(2);
        assertThat(follower.run("ipfs", "index", "subscribe", "a b", "--trusted-key", KEY)
                        .code())
                .isEqualTo(2);
        assertThat(publisher.run("ipfs", "index", "publish").code()).isEqualTo(2);
        Result refused = follower.run("ipfs", "index", "subscribe", "http://127.0.0.1:1", "--trusted-key", KEY);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("127.0.0.1:1/narsil-index/root").doesNotContain("mistake in narsil");
    }
}
