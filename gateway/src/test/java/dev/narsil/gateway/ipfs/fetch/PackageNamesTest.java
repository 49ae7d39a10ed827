package dev.narsil.gateway.ipfs.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageNamesTest {

    private static final List<Digest> DIGESTS = RandomNar.digests(1, 40);

    @ParameterizedTest
    @CsvSource({
        "git-2.39.5, git",
        "git, git",
        "python3.11-numpy-1.24.3, python3.11-numpy",
        "openssl-3.0.13-dev, openssl-dev",
        "gcc-wrapper-13.2.0, gcc-wrapper",
        "foo-unstable-2024-01-01, foo-unstable",
        "a-, a-",
    })
    void of_nameOfAPath_isThePackageAndTheOutput(String name, String expected) {
        assertThat(PackageNames.of(name)).isEqualTo(expected);
    }

    @Test
    void like_manyBuilds_givesTheLastOthers() {
        PackageNames names = new PackageNames();
        for (int i = 0; i < 10; i++) {
            names.add(new StorePath(DIGESTS.get(i), "git-2." + i));
        }
        names.add(new StorePath(DIGESTS.get(20), "other-1"));

        assertThat(names.like(new StorePath(DIGESTS.get(30), "git-3")))
                .containsExactly(DIGESTS.get(9), DIGESTS.get(8), DIGESTS.get(7));
        assertThat(names.like(new StorePath(DIGESTS.get(9), "git-2.9")))
                .containsExactly(DIGESTS.get(8), DIGESTS.get(7));
        assertThat(names.like(new StorePath(DIGESTS.get(30), "unknown-1"))).isEmpty();
    }
}
