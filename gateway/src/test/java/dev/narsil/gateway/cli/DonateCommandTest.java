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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DonateCommandTest {

    private static final String KEY = CacheFixture.KEY.publicKey().toString();

    @TempDir
    private Path folder;

    private Cli cli;
    private StorePath first;
    private StorePath second;
    private FakeKubo fake;

    @BeforeEach
    void start() throws IOException {
        cli = new Cli(folder);
        CacheFixture cache = new CacheFixture(folder.resolve("cache"));
        first = cache.add(1, Compression.NONE);
        second = cache.add(2, Compression.NONE, first);
        String source = cache.directory().toUri().toString();
        assertThat(cli.run("import", source, "--trusted-key", KEY).code()).isZero();
        fake = new FakeKubo();
    }

    @AfterEach
    void stop() throws IOException {
        fake.close();
    }

    /** Runs a command with a configuration in which the key of the fixture is public. */
    private Result run(String... arguments) throws IOException {
        Path config = folder.resolve("config.toml");
        Files.writeString(config, "[ipfs]\npublic-keys = [\"" + KEY + "\"]\n");
        List<String> all = new ArrayList<>(List.of("--config", config.toString()));
        all.addAll(List.of(arguments));
        return cli.run(all.toArray(String[]::new));
    }

    private String api() {
        return fake.address().toString();
    }

    private static JsonObject only(Result result) {
        return new JsonObject(result.out()).getJsonArray("donations").getJsonObject(0);
    }

    @Test
    void everyCommand_withoutServe_works() throws IOException {
        Result added = run(
                "donate",
                "add",
                "two",
                second.baseName(),
                "--max-size",
                "1GB",
                "--upload-rate",
                "100MB",
                "--max-peers",
                "20");
        assertThat(added.code()).as(added.err()).isZero();
        assertThat(only(run("donate", "list", "--json")).getString("result")).isEqualTo("never");

        Result ran = run("donate", "run", "--api", api(), "--json");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.err()).contains("Swarm.ConnMgr.HighWater 20");
        assertThat(only(ran).getString("result")).isEqualTo("kept");
        assertThat(only(ran).getLong("keptPaths")).isEqualTo(2);
        assertThat(fake.pins()).hasSize(2);
        assertThat(run("donate", "list").out()).contains("two").contains("kept").contains("2 paths");
        assertThat(run("stats").out()).contains("donations").contains("1 kept");

        assertThat(new JsonObject(run("stats", "--json").out())
                        .getJsonObject("sharing")
                        .getLong("donatedPaths"))
                .isEqualTo(2);

        // what a user publishes stays
        assertThat(run("ipfs", "publish", first.baseName(), "--trusted-key", KEY, "--api", api())
                        .code())
                .isZero();
        assertThat(run("donate", "remove", "two").code()).isZero();
        assertThat(run("donate", "remove", "two").code()).isEqualTo(1);
        assertThat(run("donate", "run", "--api", api()).code()).isZero();
        assertThat(fake.pins()).hasSize(1);
        assertThat(new JsonObject(
                                run("ipfs", "status", "--json", "--api", api()).out())
                        .getLong("published"))
                .isEqualTo(1);
    }

    @Test
    void add_privateOrTooLarge_isRefusedAndNothingIsSent() throws IOException {
        Result secret = cli.run("donate", "add", "two", second.baseName());
        assertThat(secret.code()).isEqualTo(1);
        assertThat(secret.err()).contains("not public").contains(first.toString());
        Result large = run("donate", "add", "two", second.baseName(), "--max-size", "1kB");
        assertThat(large.code()).isEqualTo(1);
        assertThat(large.err()).contains("1000 bytes");
        assertThat(run("donate", "add", "two", second.baseName(), "--upload-rate", "1kB")
                        .code())
                .isEqualTo(1);
        assertThat(run("donate", "add", "two").code()).isEqualTo(2);
        assertThat(cli.run("donate", "add", "two", second.baseName(), "--skip-private")
                        .code())
                .isZero();
        assertThat(cli.run("donate", "run", "--api", api()).code()).isZero();
        assertThat(fake.blocks()).isEmpty();
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void run_served_isDoneByTheServerOnItsDaemon() throws Exception {
        try (Serving serving = cli.serve("--ipfs-api", api(), "--ipfs-public-keys", KEY)) {
            assertThat(cli.run("donate", "add", "two", second.baseName()).code())
                    .isZero();
            Result ran = cli.run("donate", "run", "--json");
            assertThat(ran.code()).as(ran.err()).isZero();
            assertThat(only(ran).getString("result")).isEqualTo("kept");
            assertThat(fake.pins()).hasSize(2);

            HttpRequest request = HttpRequest.newBuilder(URI.create(serving.url() + "/metrics"))
                    .build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .body())
                        .contains("narsil_donations{result=\"kept\"} 1.0")
                        .contains("narsil_donated_paths 2.0")
                        .doesNotContain(second.name());
            }
            assertThat(cli.run("donate", "remove", "two").code()).isZero();
            assertThat(cli.run("donate", "run").code()).isZero();
            assertThat(fake.pins()).isEmpty();
        }
    }
}
