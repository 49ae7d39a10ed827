package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import dev.narsil.gateway.control.Cancellation;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.Terminal;
import dev.narsil.gateway.importer.CacheFixture;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.ScriptedServer;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class CommandsTest {

    private static final String KEY = CacheFixture.KEY.publicKey().toString();

    @TempDir
    private Path folder;

    private Cli cli;
    private CacheFixture cache;
    private StorePath first;
    private StorePath second;
    private StorePath alone;

    @BeforeEach
    void makeCache() throws IOException {
        cli = new Cli(folder);
        cache = new CacheFixture(folder.resolve("cache"));
        first = cache.add(1, Compression.XZ);
        second = cache.add(2, Compression.NONE, first);
        alone = cache.add(3, Compression.ZSTD);
    }

    private String source() {
        return cache.directory().toUri().toString();
    }

    private Result importAll() {
        return cli.run("import", source(), "--trusted-key", KEY, "--json");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyCommand_withAndWithoutServe_worksTheSame(boolean served) throws Exception {
        if (!served) {
            everyCommand();
            return;
        }
        try (Serving serving = cli.serve()) {
            assertThat(serving.url()).startsWith("http://127.0.0.1:");
            everyCommand();
        }
    }

    private void everyCommand() {
        Result estimate = cli.run("estimate", source(), "--trusted-key", KEY, "--json");
        assertThat(estimate.err()).isEmpty();
        assertThat(new JsonObject(estimate.out()).getLong("imported")).isEqualTo(3);
        assertThat(new JsonObject(estimate.out()).getLong("storedBytes")).isPositive();

        Result imported = importAll();
        assertThat(imported.err()).isEmpty();
        assertThat(imported.code()).isZero();
        JsonObject report = new JsonObject(imported.out());
        assertThat(report.getLong("imported")).isEqualTo(3);
        assertThat(report.getLong("failed")).isZero();
        assertThat(report.getLong("narBytes"))
                .isEqualTo(cache.nar(first).length + cache.nar(second).length + cache.nar(alone).length);
        assertThat(new JsonObject(importAll().out()).getLong("skipped")).isEqualTo(3);

        JsonObject stats = new JsonObject(cli.run("stats", "--json").out());
        assertThat(stats.fieldNames())
                .startsWith(
                        "paths",
                        "nars",
                        "narBytes",
                        "uniqueNarBytes",
                        "strippedUniqueBytes",
                        "packBytes",
                        "metadataBytes",
                        "storedBytes",
                        "blocks",
                        "packs",
                        "recipes",
                        "holes",
                        "upstreams");
        assertThat(stats.getLong("paths")).isEqualTo(3);
        assertThat(cli.run("stats").out()).contains("store paths").contains("of the NARs");

        for (String form : new String[] {
            "/nix/store/" + second, second.baseName(), second.digest().toString()
        }) {
            JsonObject info =
                    new JsonObject(cli.run("path-info", form, "--json").out());
            assertThat(info.getString("path")).isEqualTo("/nix/store/" + second);
            assertThat(info.getJsonArray("references")).containsExactly("/nix/store/" + first);
            assertThat(info.getJsonArray("signatures")).hasSize(1);
        }

        Result nar = cli.run("cat-nar", first.baseName());
        assertThat(nar.code()).isZero();
        assertThat(nar.bytes()).isEqualTo(cache.nar(first));

        Result collected = cli.run("gc", "--unclaimed-older-than", "1ms", "--json");
        assertThat(collected.err()).isEmpty();
        assertThat(collected.code()).isZero();
        assertThat(new JsonObject(collected.out()).fieldNames())
                .containsExactly(
                        "nars", "narBytes", "recipes", "blocks", "blockBytes", "packs", "newlyUnclaimed", "freedBytes");
        assertThat(new JsonObject(collected.out()).getLong("blocks")).isZero();
        assertThat(cli.run("gc").out()).contains("deleted 0 NARs").contains("freed on disk");
        assertThat(cli.run("gc", "--unclaimed-older-than", "soon").code()).isEqualTo(2);

        Result verified = cli.run("verify", "--json");
        assertThat(verified.code()).isZero();
        assertThat(new JsonObject(verified.out()).getBoolean("sound")).isTrue();
        assertThat(cli.run("verify").out()).contains("3 NARs").contains("all sound");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void import_listOnStandardInput_isRead(boolean served) throws Exception {
        String list = "/nix/store/" + first + "\n\n# a comment\n" + alone.digest() + "\n";
        if (served) {
            try (Serving serving = cli.serve()) {
                assertThat(serving.url()).isNotEmpty();
                importList(list);
            }
        } else {
            importList(list);
        }
    }

    private void importList(String list) {
        Result result =
                cli.run(list, Terminal.NONE, "import", source(), "--paths-from", "-", "--trusted-key", KEY, "--json");
        assertThat(result.err()).isEmpty();
        assertThat(new JsonObject(result.out()).getLong("imported")).isEqualTo(2);
    }

    @Test
    void import_listInAFile_isFoundFromTheWorkingDirectory() throws Exception {
        Files.writeString(folder.resolve("list"), first.baseName());
        Result result = cli.run("import", source(), "--paths-from", "list", "--trusted-key", KEY);
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("imported 1 path,");
        assertThat(cli.run("import", source(), "--paths-from", "none").err())
                .contains(folder.resolve("none") + ": no such file or folder");
    }

    @Test
    void import_closureBeforeTheSource_takesTheSourceForASource() {
        Result result = cli.run("import", "--trusted-key", KEY, "--closure-of", second.baseName(), source(), "--json");
        assertThat(result.err()).isEmpty();
        assertThat(new JsonObject(result.out()).getLong("imported")).isEqualTo(2);
    }

    @Test
    void import_cancelledWhileACacheDoesNotAnswer_ends() throws Exception {
        Cancellation cancellation = new Cancellation();
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedServer silent = new ScriptedServer(request -> {
            if (request.target().endsWith(".narinfo")) {
                cancellation.cancel();
                awaitUninterruptibly(ended);
            }
            return ScriptedServer.Response.of(200, "StoreDir: /nix/store\n");
        })) {
            CommandStreams streams = new CommandStreams(
                    InputStream.nullInputStream(),
                    OutputStream.nullOutputStream(),
                    OutputStream.nullOutputStream(),
                    cancellation);
            List<String> arguments = List.of("import", silent.url(), "--closure-of", first.toString());
            CompletableFuture<Integer> code = CompletableFuture.supplyAsync(
                    () -> Program.run(arguments, cli.environment(Terminal.NONE), streams),
                    task -> Thread.ofPlatform().daemon().start(task));
            try {
                assertThat(code.orTimeout(20, TimeUnit.SECONDS).join()).isNotZero();
                assertThat(silent.targets()).hasSize(2);
            } finally {
                ended.countDown();
            }
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void import_untrustedKey_failsPathByPathAndExitsWith1() {
        Result result = cli.run("import", source());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("narsil: import: ").contains("not trusted");
        assertThat(result.err().lines()).hasSize(3);
        assertThat(result.out()).contains("failed   3 paths");
    }

    @Test
    void importVerify_quiet_sayNothingAndExitWith0() {
        Result imported = cli.run("import", source(), "--no-check-sigs", "--quiet");
        assertThat(imported.err()).isEmpty();
        assertThat(imported.out()).isEmpty();
        assertThat(imported.code()).isZero();
        Result verified = cli.run("verify", "--quiet");
        assertThat(verified.err()).isEmpty();
        assertThat(verified.code()).isZero();
        assertThat(new JsonObject(cli.run("stats", "--json").out()).getLong("paths"))
                .isEqualTo(3);
    }

    @Test
    void estimate_withoutAStore_leavesNoneBehind() {
        assertThat(cli.run("estimate", source(), "--trusted-key", KEY).out()).contains("would bring 3 new paths");
        assertThat(cli.data()).doesNotExist();
    }

    @Test
    void estimate_whatTheStoreHolds_costsNothing() {
        importAll();
        JsonObject again = new JsonObject(
                cli.run("estimate", source(), "--trusted-key", KEY, "--json").out());
        assertThat(again.getLong("skipped")).isEqualTo(3);
        assertThat(again.getLong("imported")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stats", "verify", "gc", "path-info 00000000000000000000000000000000"})
    void command_withoutAStore_saysSoAndMakesNone(String line) {
        Result result = cli.run(line.split(" "));
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("there is no store in " + cli.data() + " yet");
        assertThat(cli.data()).doesNotExist();
    }

    @Test
    void pathInfo_unknownPath_exitsWith1() {
        importAll();
        Result result = cli.run("path-info", "00000000000000000000000000000000");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("narsil: path-info: the store does not hold 00000000000000000000000000000000\n");
        Result renamed = cli.run("path-info", first.digest() + "-other");
        assertThat(renamed.code()).isEqualTo(1);
        assertThat(renamed.err()).contains("but " + first + " of the same digest");
        assertThat(cli.run("path-info", "/gnu/store/" + first).err()).contains("holds paths of /nix/store");
    }

    @Test
    void catNar_toATerminal_isRefused() {
        importAll();
        Result result = cli.run("", new Terminal(true, true, true, 80), "cat-nar", first.baseName());
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.bytes()).isEmpty();
    }

    @Test
    void serve_whileAnotherServes_exitsWith75() throws Exception {
        try (Serving serving = cli.serve()) {
            Result result = cli.run("serve", "--listen", "127.0.0.1:0");
            assertThat(result.code()).isEqualTo(75);
            assertThat(result.err()).contains("another narsil process serves " + cli.data());
            assertThat(serving.url()).isNotEmpty();
        }
    }

    @Test
    void serve_portTaken_saysWhatToDo() throws Exception {
        try (Serving serving = cli.serve()) {
            String address = serving.url().substring("http://".length());
            Result result = cli.run("serve", "--data", "other", "--listen", address);
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err())
                    .contains("cannot listen on " + address + ": another program does")
                    .contains("--listen");
        }
    }

    @Test
    void command_storeOpenElsewhere_exitsWith75() throws Exception {
        importAll();
        try (AutoCloseable other = DataDirectory.open(cli.data(), NarsilCommand.storeOptions(StoreDir.DEFAULT))) {
            Result result = cli.run("stats");
            assertThat(result.code()).isEqualTo(75);
            assertThat(result.err()).startsWith("narsil: stats: another process has the store");
            assertThat(other).isNotNull();
        }
    }

    @Test
    void command_otherStoreDirectory_isRefusedWithTheSameSentenceWithAndWithoutServe() throws Exception {
        importAll();
        Result alone = cli.run("stats", "--store-dir", "/gnu/store");
        assertThat(alone.code()).isEqualTo(1);
        assertThat(alone.err()).contains("it holds paths of /nix/store, not of /gnu/store");
        try (Serving serving = cli.serve()) {
            Result served = cli.run("stats", "--store-dir", "/gnu/store");
            assertThat(served.code()).as(serving.url()).isEqualTo(alone.code());
            assertThat(served.err()).isEqualTo(alone.err());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "frobnicate",
                "import",
                "import /srv/cache",
                "import file:///x --jobs 0",
                "import file:///x --jobs many",
                "import file:///x --trusted-key nokey",
                "import file:///x --closure-of nopath",
                "path-info",
                "path-info /nix/store",
                "cat-nar abc",
                "serve --listen 7745",
                "serve --listen ::1:7745",
                "serve --listen 127.0.0.1:70000",
                "serve --priority -1",
                "serve --store-dir relative",
                "stats --frobnicate",
                "stats one"
            })
    void wrongCommandLine_anyCommand_exitsWith2AndTouchesNothing(String line) {
        Result result = cli.run(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(result.code()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("narsil: ");
        assertThat(cli.data()).doesNotExist();
    }

    @Test
    void version_always_hasVersionAndCommit() {
        assertThat(cli.run("--version").out()).matches("narsil \\S+ \\(commit \\S+\\)\\R");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "import", "serve", "stats", "verify", "gc", "path-info", "cat-nar", "estimate", "doctor"})
    void help_everyCommand_isPrintedOnStandardOutput(String command) {
        Result result = command.isEmpty() ? cli.run("--help") : cli.run(command, "--help");
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith("Usage: narsil")
                .contains("--data=DIR")
                .contains("75");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void generateCompletion_hidden_printsAScript() {
        assertThat(cli.run("generate-completion").out()).contains("complete");
        assertThat(cli.run("--help").out()).doesNotContain("generate-completion");
    }

    @Test
    void doctor_whateverTheMachine_checksAllAndSaysTheStoreIsServed() throws Exception {
        try (Serving serving = cli.serve()) {
            Result result = cli.run("doctor", "--listen", serving.url().substring("http://".length()));
            assertThat(result.code()).as(result.out()).isZero();
            assertThat(result.out())
                    .contains("ok    RocksDB")
                    .contains("ok    zstd")
                    .contains("served by a narsil process")
                    .contains("a binary cache answers");
        }
    }

    @Test
    void doctor_dataDirectoryIsAFile_exitsWith69AndSaysWhatToDo() throws Exception {
        Files.writeString(cli.data(), "not a folder");
        Result result = cli.run("doctor");
        assertThat(result.code()).isEqualTo(69);
        assertThat(result.out()).contains("fail  data directory").contains("-> choose another");
    }
}
