package dev.narsil.gateway.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathListTest {

    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";

    @Test
    void read_everyForm_isThatPath() throws IOException {
        String text = "# comment\n\n/nix/store/" + DIGEST + "-demo\r\n  " + DIGEST + "-demo\n" + DIGEST;

        assertThat(read(text).stream().map(WantedPath::toString))
                .containsExactly(DIGEST + "-demo", DIGEST + "-demo", DIGEST);
    }

    @Test
    void read_nothing_isEmpty() throws IOException {
        assertThat(read("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/gnu/store/" + DIGEST + "-demo|not a path in /nix/store",
                "demo|a store path is 32 characters",
                DIGEST + "-|a store path is 32 characters",
                "/nix/store/" + DIGEST + "-demo/bin|character 4 of the name",
            })
    void read_badLine_isRefusedWithItsNumber(String line, String reason) {
        assertThatThrownBy(() -> read(DIGEST + "\n" + line + "\n"))
                .isInstanceOf(SourceException.class)
                .hasMessageStartingWith("list, line 2: ")
                .hasMessageContaining(reason);
    }

    @Test
    void read_lineWithoutEnd_isRefusedAtTheBound() {
        assertThatThrownBy(() -> read("x".repeat(100_000)))
                .isInstanceOf(SourceException.class)
                .hasMessage("list, line 1: longer than 4096 bytes");
    }

    @FuzzTest
    void read_anyBytes_givesPathsOrSaysWhyNot(byte[] text) throws IOException {
        try {
            for (WantedPath path : PathList.read(new ByteArrayInputStream(text), "list", StoreDir.DEFAULT)) {
                assertThat(WantedPath.parse(StoreDir.DEFAULT, path.toString())).isEqualTo(path);
            }
        } catch (SourceException e) {
            assertThat(e).hasMessageStartingWith("list, line ");
        }
    }

    private static List<WantedPath> read(String text) throws IOException {
        return PathList.read(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), "list", StoreDir.DEFAULT);
    }
}
