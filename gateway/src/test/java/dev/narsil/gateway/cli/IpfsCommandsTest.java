package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import dev.narsil.gateway.importer.CacheFixture;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.path.StorePath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class IpfsCommandsTest {

    private static final String KEY = CacheFixture.KEY.publicKey().toString();

    @TempDir
    private Path folder;

    private Cli cli;
    private CacheFixture cache;
    private StorePath first;
    private StorePath second;
    private FakeKubo fake;

    @BeforeEach
    void start() throws IOException {
        cli = new Cli(folder);
        cache = new CacheFixture(folder.resolve("cache"));
        first = cache.add(1, Compression.NONE);
        second = cache.add(2, Compression.NONE, first);
        var _ = cache.add(3, Compression.NONE);
        String source = cache.directory().toUri().toString();
        assertThat(cli.run("import", source, "--trusted-key", KEY).code()).isZero();
        fake = new FakeKubo();
    }

    @AfterEach
    void stop() throws IOException {
        fake.close();
    }

    private Result ipfs(String command, String... arguments) {
        String[] all = new String[arguments.length + 4];
        all[0] = "ipfs";
        all[1] = command;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[all.length - 2] = "--api";
        all[all.length - 1] = fake.address().toString();
        return cli.run(all);
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

    private void everyCommand() throws IOException {
        Result published = ipfs("publish", "--json", "--trusted-key", KEY, "--closure-of", second.baseName());
        assertThat(published.code()).as(published.err()).isZero();
        assertThat(new JsonObject(published.out()).fieldNames())
                .containsExactly(
                        "published",
                        "present",
                        "refused",
                        "failed",
                        "failures",
                        "narBytes",
                        "blocks",
                        "blockBytes",
                        "seconds");
        assertThat(new JsonObject(published.out()).getLong("published")).isEqualTo(2);
        assertThat(published.err()).contains("announces every single block");
        assertThat(fake.pins()).hasSize(2);

        JsonObject info =
                new JsonObject(cli.run("path-info", "--json", first.baseName()).out());
        assertThat(fake.pins()).contains(info.getString("manifestCid"));
        assertThat(fake.cat(Cid.parse(info.getString("narCid")))).isEqualTo(cache.nar(first));
        assertThat(info.getString("publishedSince")).isNotNull();

        Result all = ipfs("publish", "--all", "--trusted-key", KEY);
        assertThat(all.out()).contains("published 1 path").contains("skipped   2 paths");

        JsonObject status = new JsonObject(ipfs("status", "--json").out());
        assertThat(status.getLong("published")).isEqualTo(3);
        assertThat(status.getJsonArray("notPinned")).isEmpty();
        assertThat(status.getString("version")).isEqualTo("0.43.0");
        assertThat(status.getBoolean("announcesBlocks")).isTrue();

        fake.pins().remove(info.getString("manifestCid"));
        Result lost = ipfs("status");
        assertThat(lost.code()).isEqualTo(1);
        assertThat(lost.err()).contains(first.toString());

        Result unpublished = ipfs("unpublish", first.baseName());
        assertThat(unpublished.code()).as(unpublished.err()).isZero();
        Result again = ipfs("unpublish", first.baseName());
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("is not published");
        assertThat(new JsonObject(ipfs("unpublish", "--all", "--json").out()).getLong("unpublished"))
                .isEqualTo(2);
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void publish_notSignedByATrustedKey_isRefusedByNameUnlessToldOtherwise() {
        Result refused = ipfs("publish", first.baseName());
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains(first.toString())
                .contains("not published")
                .contains("'test-1'");
        assertThat(fake.blocks()).isEmpty();

        Result all = ipfs("publish", "--all", "--json");
        assertThat(all.code()).isZero();
        assertThat(new JsonObject(all.out()).getLong("refused")).isEqualTo(3);
        assertThat(fake.blocks()).isEmpty();

        assertThat(ipfs("publish", "--no-check-sigs", first.baseName()).code()).isZero();
        assertThat(fake.pins()).hasSize(1);
    }

    @Test
    void publish_nothingOrTooMuchSelected_isAWrongCommandLine() {
        assertThat(ipfs("publish").code()).isEqualTo(2);
        assertThat(ipfs("publish", "--all", first.baseName()).code()).isEqualTo(2);
        assertThat(ipfs("unpublish").code()).isEqualTo(2);
        assertThat(cli.run("ipfs", "status", "--api", "nowhere").code()).isEqualTo(2);
    }

    @Test
    void publish_strategyThatAnnouncesRootsOnly_warnsOfNothing() {
        fake.on("config", (_, wire) -> wire.json("{\"Key\":\"Provide.Strategy\",\"Value\":\"pinned+entities\"}"));
        assertThat(ipfs("publish", "--all", "--trusted-key", KEY).err()).isEmpty();
    }

    @Test
    void publish_daemonIsNotThere_saysSo() throws IOException {
        fake.close();
        Result result = ipfs("publish", "--all", "--trusted-key", KEY);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains(fake.address().toString()).doesNotContain("mistake in narsil");
    }
}
