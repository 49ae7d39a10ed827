package dev.narsil.rewrite.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.rewrite.testing.RandomNar;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorePathTest {

    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";

    @Test
    void parse_pathOfNix_hasDigestAndName() {
        StorePath path = StorePath.parse(StoreDir.DEFAULT, "/nix/store/" + DIGEST + "-demo");
        assertThat(path.digest()).hasToString(DIGEST);
        assertThat(path.name()).isEqualTo("demo");
        assertThat(path).hasToString(DIGEST + "-demo");
        assertThat(path.in(StoreDir.DEFAULT)).isEqualTo("/nix/store/" + DIGEST + "-demo");
        assertThat(path.in(new StoreDir("/gnu/store"))).isEqualTo("/gnu/store/" + DIGEST + "-demo");
        assertThat(path).isEqualTo(StorePath.parseBaseName(DIGEST + "-demo"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "-", "+-._?=", "gcc-wrapper-12.2.0", ".hidden", "A.drv"})
    void parseBaseName_goodName_isAccepted(String name) {
        assertThat(StorePath.parseBaseName(DIGEST + "-" + name).name()).isEqualTo(name);
    }

    @Test
    void parseBaseName_nameOf211Characters_isTheLongest() {
        assertThat(StorePath.parseBaseName(DIGEST + "-" + "a".repeat(211)).name())
                .hasSize(211);
        assertThatThrownBy(() -> StorePath.parseBaseName(DIGEST + "-" + "a".repeat(212)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                DIGEST,
                DIGEST + "-",
                DIGEST + "demo",
                DIGEST + "/demo",
                "-" + DIGEST + "-demo",
                "e" + DIGEST + "-demo",
                "9n4c3zysg0zr27gw3a8kfp6xfa8zk6ge-demo",
                "9N4c3zysg0zr27gw3a8kfp6xfa8zk6gz-demo",
                DIGEST + "-de mo",
                DIGEST + "-de/mo",
                DIGEST + "-demo\n",
                DIGEST + "-d\u00e9mo",
                DIGEST + "-demo\0",
                DIGEST + "-%2e",
                DIGEST + "-~"
            })
    void parseBaseName_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> StorePath.parseBaseName(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/gnu/store/", "/nix/store", "nix/store/", "/nix/store//", "/nix/store/../store/", ""})
    void parse_otherDirectory_isRefused(String prefix) {
        assertThatThrownBy(() -> StorePath.parse(StoreDir.DEFAULT, prefix + DIGEST + "-demo"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_pathInsideOfAStorePath_isRefused() {
        assertThatThrownBy(() -> StorePath.parse(StoreDir.DEFAULT, "/nix/store/" + DIGEST + "-demo/bin/x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compareTo_paths_goesByBaseName() {
        List<StorePath> paths = RandomNar.digests(9, 200).stream()
                .map(digest -> new StorePath(digest, "n"))
                .sorted()
                .toList();
        assertThat(paths.stream().map(StorePath::baseName)).isSorted();
        assertThat(StorePath.parseBaseName(DIGEST + "-a")).isLessThan(StorePath.parseBaseName(DIGEST + "-b"));
    }

    @Test
    void digest_bytes_areCopiedInAndOut() {
        Digest digest = Digest.parse(DIGEST);
        byte[] bytes = new byte[24];
        digest.copyTo(bytes, 3);
        Digest copy = Digest.of(bytes, 3);
        bytes[3]++;
        copy.bytes()[0]++;
        assertThat(copy).isEqualTo(digest).hasSameHashCodeAs(digest).hasToString(DIGEST);
        assertThat(copy).isNotEqualTo(Digest.of(bytes, 3));
        assertThatThrownBy(() -> Digest.of(bytes, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Digest.parse(DIGEST.substring(1))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nix/store", "/gnu/store", "/s", "/home/me/.nix-root/store", "/a/...b"})
    void storeDir_absolutePath_isAccepted(String path) {
        StoreDir storeDir = new StoreDir(path);
        assertThat(storeDir).hasToString(path);
        assertThat(storeDir.prefix()).isEqualTo((path + "/").getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "nix/store",
                "/nix/store/",
                "//store",
                "/nix//store",
                "/nix/./store",
                "/nix/../store",
                "/nix/..",
                "/nix store",
                "/nix/st\u00f6re",
                "/nix\n",
                "/nix\0"
            })
    void storeDir_anythingElse_isRefused(String path) {
        assertThatThrownBy(() -> new StoreDir(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void storeDir_of256Characters_isRefused() {
        assertThat(new StoreDir("/" + "a".repeat(254)).prefix()).hasSize(256);
        assertThatThrownBy(() -> new StoreDir("/" + "a".repeat(255))).isInstanceOf(IllegalArgumentException.class);
    }
}
