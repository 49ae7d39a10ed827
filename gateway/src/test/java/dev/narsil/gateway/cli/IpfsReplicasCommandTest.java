package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import dev.narsil.gateway.importer.CacheFixture;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.replicas.FakePinService;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class IpfsReplicasCommandTest {

    private static final String KEY = CacheFixture.KEY.publicKey().toString();

    @TempDir
    private Path folder;

    private Cli cli;
    private Path config;
    private StorePath first;
    private StorePath second;
    private FakeKubo fake;
    private FakePinService service;

    @BeforeEach
    void start() throws IOException {
        cli = new Cli(folder);
        CacheFixture cache = new CacheFixture(folder.resolve("cache"));
        first = cache.add(1, Compression.NONE);
        second = cache.add(2, Compression.NONE, first);
        String source = cache.directory().toUri().toString();
        assertThat(cli.run("import", source, "--trusted-key", KEY).code()).isZero();
        fake = new FakeKubo();
        service = new FakePinService();
        Files.writeString(folder.resolve("friend.key"), "geheim");
        config = folder.resolve("config.toml");
        Files.writeString(
                config,
                "[ipfs]\npin-services = [\"friend=" + service.server().root() + "?key-file="
                        + folder.resolve("friend.key") + "\"]\n");
    }

    @AfterEach
    void stop() throws IOException {
        service.close();
        fake.close();
    }

    private Result replicas(String... arguments) {
        String[] all = new String[arguments.length + 4];
        all[0] = "ipfs";
        all[1] = "--config";
        all[2] = config.toString();
        all[3] = "replicas";
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        return cli.run(all);
    }

    private Result round(String... options) {
        String[] all = new String[options.length + 3];
        all[0] = "run";
        all[1] = "--api";
        all[2] = fake.address().toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return replicas(all);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCommand_withAndWithoutServe_worksTheSame(boolean served) throws Exception {
        if (!served) {
            everyCommand();
            return;
        }
        try (Serving serving = cli.serve(
                "--config", config.toString(), "--ipfs-api", fake.address().toString())) {
            everyCommand();
            HttpRequest request = HttpRequest.newBuilder(URI.create(serving.url() + "/metrics"))
                    .build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                String metrics = client.send(request, HttpResponse.BodyHandlers.ofString())
                        .body();
                assertThat(metrics).contains("narsil_ipfs_replicas_missing ", "narsil_ipfs_replicas_rounds_total");
                assertThat(metrics).doesNotContain(first.digest().toString(), "geheim");
            }
        }
    }

    private void everyCommand() {
        Result early = replicas("set", "2", "--closure-of", second.baseName());
        assertThat(early.code()).as(early.err()).isZero();
        assertThat(early.out()).contains("2 paths, 2 copies of each wanted");
        assertThat(early.err()).contains("2 paths of them not published");

        Result published = cli.run(
                "ipfs",
                "publish",
                "--all",
                "--trusted-key",
                KEY,
                "--api",
                fake.address().toString());
        assertThat(published.code()).as(published.err()).isZero();
        assertThat(new JsonObject(replicas("set", "2", "--all", "--json").out()).getInteger("unpublished"))
                .isZero();
        service.say(PinState.PINNING);
        Result asked = round("--json");
        assertThat(asked.code()).as(asked.err()).isZero();
        assertThat(new JsonObject(asked.out()).getInteger("asked")).isEqualTo(2);
        assertThat(new JsonObject(asked.out()).getInteger("missing")).isEqualTo(2);
        Result waiting = replicas("status");
        assertThat(waiting.code()).isEqualTo(1);
        assertThat(waiting.out()).contains("friend asked", first.toString());

        service.say(PinState.PINNED);
        assertThat(round().out()).contains("claimed   2").contains("missing   0");
        Result status = replicas("status", "--json");
        assertThat(status.code()).isZero();
        JsonObject document = new JsonObject(status.out());
        assertThat(document.getInteger("missing")).isZero();
        assertThat(document.getJsonArray("paths")).hasSize(2);
        assertThat(document.getJsonArray("paths").getJsonObject(0).fieldNames())
                .containsExactly(
                        "path",
                        "manifestCid",
                        "wanted",
                        "ownDaemon",
                        "verified",
                        "claimed",
                        "missing",
                        "checked",
                        "replicas");
        assertThat(status.out() + status.err() + waiting.out() + asked.err()).doesNotContain("geheim");

        assertThat(replicas("set", "0", first.baseName(), second.baseName()).code())
                .isZero();
        assertThat(round().code()).isZero();
        assertThat(service.cids()).isEmpty();
        assertThat(new JsonObject(replicas("status", "--json").out()).getJsonArray("paths"))
                .isEmpty();
    }

    @Test
    void set_wrongNumberOrSelection_isAWrongCommandLine() {
        assertThat(replicas("set", "101", "--all").code()).isEqualTo(2);
        assertThat(replicas("set", "-1", "--all").code()).isEqualTo(2);
        assertThat(replicas("set", "2").code()).isEqualTo(2);
        assertThat(replicas("set", "x", "--all").code()).isEqualTo(2);
        assertThat(replicas("set", "2", "--all", first.baseName()).code()).isEqualTo(2);
    }

    @Test
    void run_secretThatIsNotThere_saysSo() throws IOException {
        Files.delete(folder.resolve("friend.key"));
        Result result = round();
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("friend.key").doesNotContain("mistake in narsil");
    }
}
