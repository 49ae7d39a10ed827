package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import dev.narsil.gateway.importer.CacheFixture;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.path.StorePath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class SubscribeCommandTest {

    private static final String NOWHERE = "0123456789abcdfghijklmnpqrsvwxyz-hello-2.12";

    @TempDir
    private Path folder;

    private Cli cli;
    private StorePath second;

    @BeforeEach
    void start() throws IOException {
        cli = new Cli(folder);
        CacheFixture cache = new CacheFixture(folder.resolve("cache"));
        StorePath first = cache.add(1, Compression.NONE);
        second = cache.add(2, Compression.NONE, first);
        String source = cache.directory().toUri().toString();
        assertThat(cli.run(
                                "import",
                                source,
                                "--trusted-key",
                                CacheFixture.KEY.publicKey().toString())
                        .code())
                .isZero();
    }

    private JsonObject listed() {
        Result list = cli.run("subscribe", "list", "--json");
        assertThat(list.code()).as(list.err()).isZero();
        return new JsonObject(list.out()).getJsonArray("subscriptions").getJsonObject(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void addListRemove_withAndWithoutServe_workTheSame(boolean served) throws Exception {
        if (!served) {
            addListRemove();
            return;
        }
        try (Serving _ = cli.serve()) {
            addListRemove();
        }
    }

    private void addListRemove() {
        String source = "/nix/store/" + second.baseName();
        // a time of the day that is not now, whatever the time
        String later = LocalTime.now(ZoneId.systemDefault()).getHour() < 12 ? "20:00-21:00" : "02:00-03:00";
        Result added = cli.run(
                "subscribe", "add", "second", source, "--every", "6h", "--between", later, "--max-size", "10GB");
        assertThat(added.code()).as(added.err()).isZero();
        JsonObject listed = listed();
        assertThat(listed.getString("name")).isEqualTo("second");
        assertThat(listed.getString("source")).isEqualTo(second.baseName());
        assertThat(listed.getString("every")).isEqualTo("6h");
        assertThat(listed.getString("between")).isEqualTo(later);
        assertThat(listed.getLong("maxBytes")).isEqualTo(10_000_000_000L);
        assertThat(listed.getString("result")).isEqualTo("never");
        assertThat(cli.run("subscribe", "list").out()).contains("second").contains(later);

        Result twice = cli.run("subscribe", "add", "second", source, "--every", "1d");
        assertThat(twice.code()).isEqualTo(1);
        assertThat(twice.err()).contains("already");
        assertThat(cli.run("subscribe", "add", "second", source, "--every", "1d", "--between", later, "--replace")
                        .code())
                .isZero();
        assertThat(listed().getString("every")).isEqualTo("1d");

        assertThat(cli.run("subscribe", "remove", "second").code()).isZero();
        assertThat(cli.run("subscribe", "remove", "second").code()).isEqualTo(1);
        assertThat(cli.run("subscribe", "list", "--json").out()).doesNotContain("second");
    }

    @Test
    void run_served_tellsHowItWentAndCounts() throws Exception {
        assertThat(cli.run("subscribe", "add", "here", second.baseName(), "--every", "1d")
                        .code())
                .isZero();
        assertThat(cli.run("subscribe", "add", "nowhere", NOWHERE, "--every", "1d")
                        .code())
                .isZero();
        Result unserved = cli.run("subscribe", "run", "here");
        assertThat(unserved.code()).isEqualTo(1);
        assertThat(unserved.err()).contains("narsil serve");

        try (Serving serving = cli.serve()) {
            Result here = cli.run("subscribe", "run", "here");
            assertThat(here.code()).as(here.err()).isZero();
            assertThat(here.out()).contains("complete: 2 paths");
            Result nowhere = cli.run("subscribe", "run", "nowhere", "--json");
            assertThat(nowhere.code()).isEqualTo(1);
            JsonObject document = new JsonObject(nowhere.out());
            assertThat(document.getString("result")).isEqualTo("incomplete");
            assertThat(document.getString("error")).contains(NOWHERE);
            assertThat(cli.run("subscribe", "run", "other").code()).isEqualTo(1);

            assertThat(cli.run("stats").out()).contains("subscriptions");
            String metrics = metrics(serving);
            assertThat(metrics)
                    .contains("narsil_subscriptions{result=\"complete\"} 1.0")
                    .contains("narsil_subscriptions{result=\"incomplete\"} 1.0")
                    .doesNotContain(NOWHERE);
        }
    }

    private static String metrics(Serving serving) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(serving.url() + "/metrics")).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    @Test
    void add_wrongArguments_areRefused() {
        assertThat(cli.run("subscribe", "add", "a b", second.baseName(), "--every", "1d")
                        .code())
                .isEqualTo(1);
        assertThat(cli.run("subscribe", "add", "a", "ftp://example.org/list", "--every", "1d")
                        .code())
                .isEqualTo(1);
        assertThat(cli.run("subscribe", "add", "a", second.baseName(), "--every", "1s")
                        .code())
                .isEqualTo(1);
        assertThat(cli.run("subscribe", "add", "a", second.baseName()).code()).isEqualTo(2);
        assertThat(cli.run("subscribe", "add", "a", second.baseName(), "--every", "1d", "--between", "1-2")
                        .code())
                .isEqualTo(2);
    }
}
