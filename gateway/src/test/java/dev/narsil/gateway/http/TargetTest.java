package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";
    private static final String HASH = "08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2";

    @ParameterizedTest
    @CsvSource({
        "/, ROOT",
        "/nix-cache-info, CACHE_INFO",
        "/healthz, HEALTH",
        "/readyz, READY",
        "/metrics, METRICS",
    })
    void of_fixedPath_namesIt(String path, Route route) {
        assertThat(Target.of(path)).isEqualTo(new Target(route, "", ""));
    }

    @Test
    void of_narInfoAndListing_haveTheDigest() {
        assertThat(Target.of("/" + DIGEST + ".narinfo")).isEqualTo(new Target(Route.NAR_INFO, DIGEST, ""));
        assertThat(Target.of("/" + DIGEST + ".ls")).isEqualTo(new Target(Route.LISTING, DIGEST, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".xz", ".bz2", ".zst", ".lzip", ".lz4", ".br", ".1234567"})
    void of_narFile_hasHashAndSuffix(String suffix) {
        assertThat(Target.of("/nar/" + HASH + ".nar" + suffix)).isEqualTo(new Target(Route.NAR, HASH, suffix));
    }

    @ParameterizedTest
    @CsvSource({
        "/log/abc-hello?x=1.drv, LOG, abc-hello?x=1.drv",
        "/realisations/sha256:00!out.doi, REALISATION, sha256:00!out.doi",
        "/build-trace-v2/a.drv/out.doi, BUILD_TRACE, a.drv/out.doi",
        "/debuginfo/ab.debug, DEBUG_INFO, ab.debug",
        "/nar-by-hash/sha256/00, NAR_BY_HASH, sha256/00",
        "/.well-known/rasl/bafkqaaa, RASL, bafkqaaa",
        "/ipfs/bafkqaaa?format=raw, IPFS, bafkqaaa?format=raw",
        "/routing/v1/providers/bafkqaaa, PROVIDERS, bafkqaaa",
    })
    void of_pathInFolder_hasTheRestAsItWasSent(String path, Route route, String name) {
        assertThat(Target.of(path)).isEqualTo(new Target(route, name, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nix-cache-info",
                "/nix-cache-info/",
                "//nix-cache-info",
                "/nix-cache-info?a",
                "/nar/",
                "/nar/" + HASH,
                "/nar/" + HASH + ".nar.",
                "/nar/" + HASH + ".nar.XZ",
                "/nar/" + HASH + ".nar.12345678",
                "/nar/" + HASH + ".nar?a=b",
                "/nar/" + HASH + ".nar/x",
                "/nar/x" + HASH + ".nar",
                "/x/" + DIGEST + ".narinfo",
                "/" + DIGEST + ".narinfox",
                "/logs/x",
            })
    void of_anythingElse_namesNothing(String path) {
        assertThat(Target.of(path).route()).isEqualTo(Route.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "/x, /x",
        "http://host:80/x?y, /x?y",
        "https://host/x, /x",
        "http://host, /",
        "*, *",
    })
    void path_originOrAbsoluteForm_isThePath(String target, String path) {
        assertThat(Target.path(target)).isEqualTo(path);
    }
}
