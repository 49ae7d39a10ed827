package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.control.Terminal;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.upload.UploadOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ConfigCommandTest {

    @TempDir
    private Path folder;

    private Cli cli;

    @BeforeEach
    void makeCli() {
        cli = new Cli(folder);
    }

    private Path write(String toml) throws IOException {
        return Files.writeString(folder.resolve("config.toml"), toml);
    }

    @Test
    void check_goodFile_isAllRight() throws IOException {
        write("[serve]\npriority = 1\n");
        Result checked = cli.run("config", "check", "config.toml");
        assertThat(checked.code()).isZero();
        assertThat(checked.out()).isEqualTo(folder.resolve("config.toml") + ": all right\n");
        assertThat(cli.run("config", "check", "--config", "config.toml").code()).isZero();
    }

    @Test
    void check_badFile_tellsEachLine() throws IOException {
        Path file = write("[serve]\nprority = 1\n\n[limits]\nidle-timeout = 5\n");
        Result checked = cli.run("config", "check", "config.toml");
        assertThat(checked.code()).isEqualTo(ExitCode.FAILED);
        assertThat(checked.err().lines())
                .containsExactly(
                        file + ":2: there is no setting serve.prority; did you mean serve.priority?",
                        file + ":5: limits.idle-timeout is a string, in quotes");
        assertThat(cli.run("config", "check").err()).contains("there is no configuration file");
    }

    @Test
    void show_fileAndOptions_tellsWhereValuesComeFrom() throws IOException {
        Path file = write("""
                [serve]
                listen = ["127.0.0.1:1"]
                [[upstream]]
                url = "https://me:geheim@x"
                trust-unsigned = true
                """);
        Result shown = cli.run("config", "show", "--config", "config.toml", "--json");
        assertThat(shown.code()).isZero();
        assertThat(shown.out()).doesNotContain("geheim");
        JsonObject document = new JsonObject(shown.out());
        assertThat(document.getString("file")).isEqualTo(file.toString());
        JsonObject settings = document.getJsonObject("settings");
        assertThat(settings).hasSize(Settings.ALL.size());
        assertThat(settings.getJsonObject("serve.listen"))
                .isEqualTo(new JsonObject()
                        .put("value", new JsonArray().add("127.0.0.1:1"))
                        .put("origin", file + ":2"));
        assertThat(settings.getJsonObject("serve.priority").getString("origin")).isEqualTo("default");
        assertThat(settings.getJsonObject("store.data"))
                .isEqualTo(new JsonObject().put("value", cli.data().toString()).put("origin", "$NARSIL_DATA"));
        assertThat(cli.run("config", "show", "--config", "config.toml").out())
                .contains("serve.listen")
                .contains("(" + file + ":2)")
                .doesNotContain("geheim");
    }

    @Test
    void everyCommand_brokenFile_saysSo() throws IOException {
        Path file = write("[store]\ndtaa = \"x\"\n");
        for (String command : new String[] {"stats", "serve", "doctor"}) {
            Result refused = cli.run(command, "--config", "config.toml");
            assertThat(refused.code()).as(command).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains(file + ":2: there is no setting store.dtaa");
        }
        assertThat(cli.run("stats", "--config", "missing.toml").err()).contains("missing.toml: no such file");
    }

    @Test
    void serve_settingsOfAFile_areInForce() throws Exception {
        write("""
                [serve]
                base-path = "/cache"
                priority = 7
                [access]
                allow-anonymous-writes = true
                """);
        try (Serving serving = cli.serve("--config", "config.toml", "--priority", "8");
                HttpClient client = HttpClient.newHttpClient()) {
            assertThat(serving.url()).endsWith("/cache");
            HttpResponse<String> info = client.send(
                    HttpRequest.newBuilder(URI.create(serving.url() + "/nix-cache-info"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(info.body()).contains("Priority: 8");
            HttpResponse<String> put = client.send(
                    HttpRequest.newBuilder(URI.create(serving.url() + "/nix-cache-info"))
                            .PUT(HttpRequest.BodyPublishers.ofString("StoreDir: /nix/store\n"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(put.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void serve_tokenMadeAndRevokedWhileItRuns_countsAtOnce() throws Exception {
        try (Serving serving = cli.serve();
                HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create(serving.url() + "/nix-cache-info");
            String token = cli.run("token", "create", "--name", "ci", "--allow", "read,write")
                    .out()
                    .strip();
            HttpRequest put = HttpRequest.newBuilder(uri)
                    .PUT(HttpRequest.BodyPublishers.ofString("StoreDir: /nix/store\n"))
                    .header("Authorization", "Bearer " + token)
                    .build();
            assertThat(client.send(put, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            assertThat(cli.run("token", "revoke", "ci").code()).isZero();
            assertThat(client.send(put, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void serve_secretInAnOption_isRefusedAndNotShown() {
        for (String url : new String[] {
            "https://me:geheim@x/?trust-unsigned=true", "HTTPS://geheim@x/", "https://me:geheim@x/?priority=x"
        }) {
            Result refused = cli.run("serve", "--upstream", "http://y?trust-unsigned=true", "--upstream", url);
            assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err())
                    .startsWith("narsil: serve: --upstream: ")
                    .contains("$NARSIL_UPSTREAM")
                    .doesNotContain("geheim");
        }
    }

    @Test
    void serve_optionsThatExcludeEachOther_areRefused() {
        assertThat(cli.run("serve", "--upstream", "http://x?trust-unsigned=true", "--no-upstream")
                        .code())
                .isEqualTo(ExitCode.USAGE);
        assertThat(cli.run("serve", "--sign-key-file", "missing").err()).contains("missing: no such file");
    }

    @Test
    void help_ofServe_listsEverySetting() {
        Result help = cli.run(" ", Terminal.NONE, "serve", "--help");
        assertThat(help.code()).isZero();
        Settings.ALL.forEach(setting -> assertThat(help.out()).contains(setting.name()));
    }

    @Test
    void setup_nothingSet_isTheDefaultsOfTheParts() throws IOException {
        Configuration nothing = Configuration.of(Map.of(), Map.of(), null, folder);
        assertThat(ServeSetup.serverOptions(nothing)).isEqualTo(ServerOptions.DEFAULT);
        assertThat(ServeSetup.uploadOptions(nothing)).isEqualTo(UploadOptions.DEFAULT);
    }
}
