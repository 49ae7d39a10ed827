package dev.narsil.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSourceTest {

    private static final Digest DIGEST = Digest.parse("9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz");

    @TempDir
    private Path directory;

    private Path cache;
    private FileSource source;

    @BeforeEach
    void makeCache() throws IOException {
        cache = Files.createDirectory(directory.resolve("the cache"));
        source = new FileSource(cache, StoreDir.DEFAULT);
        write("nix-cache-info", "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 30\n");
        write("outside", "secret");
        Files.move(cache.resolve("outside"), directory.resolve("outside"));
    }

    @Test
    void open_percentEncodedUrl_isThatDirectory() throws IOException {
        String url = "file://" + directory + "/the%20cache?compression=xz";

        try (CacheSource opened = CacheSource.open(url, StoreDir.DEFAULT)) {
            assertThat(opened.cacheInfo()).isEqualTo(new CacheInfo("/nix/store", true, 30));
            assertThat(opened.describe()).isEqualTo("file://" + cache);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"file://dir", "file:dir", "file:///a%2", "file:///a%zz", "file:///a%00", "/dir", "s3://b", ""})
    void open_otherUrl_isRefused(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> CacheSource.open(url, StoreDir.DEFAULT));
    }

    @Test
    void cacheInfo_none_saysSo() throws IOException {
        Files.delete(cache.resolve("nix-cache-info"));

        assertThatThrownBy(() -> source.cacheInfo())
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("is not a binary cache");
        assertThatThrownBy(() -> new FileSource(cache.resolve("none"), StoreDir.DEFAULT).cacheInfo())
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("there is no directory");
    }

    @Test
    void listPaths_otherFilesToo_findsNarinfosOnly() throws IOException {
        write(DIGEST + ".narinfo", "x");
        write("00000000000000000000000000000001.narinfo", "x");
        write("00000000000000000000000000000002.narinfo.tmp.12.1", "x");
        write("00000000000000000000000000000003.ls", "x");
        write("0000000000000000000000000000000.narinfo", "x");
        write("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.narinfo", "x");
        Set<Digest> found = new HashSet<>();

        source.listPaths(found::add);

        assertThat(found).containsExactlyInAnyOrder(DIGEST, Digest.parse("00000000000000000000000000000001"));
    }

    @Test
    void narInfo_thereAndNotThere_isReadOrEmpty() throws IOException {
        write(DIGEST + ".narinfo", text("nar/x.nar"));

        assertThat(source.narInfo(DIGEST).orElseThrow().url()).isEqualTo("nar/x.nar");
        assertThat(source.narInfo(Digest.parse("00000000000000000000000000000001")))
                .isEmpty();
    }

    @Test
    void narInfo_tooLong_isRefusedWithoutReadingOn() throws IOException {
        write(DIGEST + ".narinfo", text("x".repeat(NarInfo.MAX_BYTES)));

        assertThatThrownBy(() -> source.narInfo(DIGEST)).isInstanceOf(NarInfoException.class);
    }

    @Test
    void openFile_relativeUrl_isTheFile() throws IOException {
        Files.createDirectory(cache.resolve("nar"));
        write("nar/x.nar", "contents");

        try (InputStream in = source.openFile(info("nar/x.nar"))) {
            assertThat(in.readAllBytes()).asString().isEqualTo("contents");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside",
                "nar/../../outside",
                "nar/..",
                "/etc/passwd",
                "nar/x.nar?sha256=1",
                "file:///etc/passwd",
                "http://127.0.0.1/x",
                "nar/missing"
            })
    void openFile_outOfTheCacheOrMissing_isRefused(String url) {
        assertThatThrownBy(() -> source.openFile(info(url)))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining(url);
    }

    @Test
    void openResource_missing_isEmpty() throws IOException {
        assertThat(source.openResource("store-paths")).isEmpty();
    }

    @Test
    void cacheInfoParse_asNixReadsIt_skipsWhatItDoesNotKnow() throws IOException {
        assertThat(parse("")).isEqualTo(new CacheInfo(null, false, 0));
        assertThat(parse("junk\nX: y\nStoreDir:/a\r\nStoreDir:  /gnu/store \r\nWantMassQuery: yes\nPriority:41"))
                .isEqualTo(new CacheInfo("/gnu/store", false, 41));
        assertThatThrownBy(() -> parse("Priority: high")).isInstanceOf(SourceException.class);
    }

    private static CacheInfo parse(String text) throws IOException {
        return CacheInfo.parse(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static NarInfo info(String url) throws IOException {
        return NarInfo.parse(StoreDir.DEFAULT, text(url));
    }

    private static String text(String url) {
        return "StorePath: /nix/store/" + DIGEST + "-demo\n"
                + "URL: " + url + "\n"
                + "Compression: none\n"
                + "NarHash: sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2\n"
                + "NarSize: 696\n";
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(cache.resolve(name), text);
    }
}
