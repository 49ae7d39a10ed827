package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Setting;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.control.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {

    private static final ProgressState HALF = new ProgressState("import", "paths", 79, 1, 160, 400_000_000, 80_000_000);

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "551234567, 551.2 MB",
        "999999999, 1.0 GB",
        "9223372036854775807, 9.2 EB"
    })
    void bytes_anySize_hasAUnit(long bytes, String text) {
        assertThat(Units.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"7, 0:07", "750, 12:30", "3723, 1:02:03"})
    void clock_anyDuration_isReadable(long seconds, String text) {
        assertThat(Units.clock(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @Test
    void bar_wideTerminal_hasEveryFigure() {
        assertThat(ProgressLine.bar(HALF, Duration.ofSeconds(10), 43_100_000, 200, false))
                .isEqualTo("import [##########..........]  50 %  80/160 paths  1 failed  43.1 MB/s"
                        + "  stored 80.0 MB (0.20 of NAR)  ETA 0:10  400.0 MB so far");
    }

    @Test
    void bar_anyWidth_fits() {
        for (int width = 1; width < 200; width++) {
            assertThat(ProgressLine.bar(HALF, Duration.ofSeconds(10), 43_100_000, width, false))
                    .hasSizeLessThanOrEqualTo(width);
        }
    }

    @Test
    void bar_colorUnwelcome_hasNoEscapes() {
        assertThat(ProgressLine.bar(HALF, Duration.ofSeconds(1), 1, 200, false)).doesNotContain("\u001b");
        assertThat(ProgressLine.bar(HALF, Duration.ofSeconds(1), 1, 200, true)).contains("\u001b[31m");
    }

    @Test
    void plain_totalUnknown_hasNeitherTotalNorEta() {
        ProgressState state = new ProgressState("import", "paths", 5, 0, -1, 1_000_000, 200_000);
        assertThat(ProgressLine.plain(state, Duration.ofSeconds(10), 100_000))
                .isEqualTo("import: 5 paths, 100.0 kB/s, stored 200.0 kB (0.20 of NAR), 1.0 MB so far");
    }

    @Test
    void dataDirectory_byPrecedence_isResolved() throws Exception {
        Path folder = Path.of("/srv");
        Map<String, String> all = Map.of(
                "NARSIL_DATA", "/own", "STATE_DIRECTORY", "/state:/more", "XDG_DATA_HOME", "/xdg", "HOME", "/home/u");
        assertThat(resolve(Path.of("sub/../here"), folder, all)).isEqualTo(Path.of("/srv/here"));
        assertThat(resolve(null, folder, all)).isEqualTo(Path.of("/own"));
        assertThat(resolve(null, folder, Map.of("STATE_DIRECTORY", "/state:/more", "XDG_DATA_HOME", "/xdg")))
                .isEqualTo(Path.of("/state"));
        assertThat(resolve(null, folder, Map.of("XDG_DATA_HOME", "/xdg"))).isEqualTo(Path.of("/xdg/narsil"));
        assertThat(resolve(null, folder, Map.of("XDG_DATA_HOME", "relative", "HOME", "/home/u")))
                .isEqualTo(Path.of("/home/u/.local/share/narsil"));
        assertThatThrownBy(() -> resolve(null, folder, Map.of()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--data");
    }

    private static Path resolve(
            @org.jspecify.annotations.Nullable Path option, Path folder, Map<String, String> variables)
            throws IOException {
        Map<Setting<?>, List<String>> options =
                option == null ? Map.of() : Map.of(Settings.DATA, List.of(option.toString()));
        Configuration configuration = Configuration.of(options, variables, null, folder);
        return DataDirectory.resolve(configuration, new Environment(variables, folder, Terminal.NONE));
    }

    @Test
    void exitCode_failure_tellsWhetherToTryAgain() {
        assertThat(Failures.exitCode(new StoreException(StoreException.Kind.LOCKED, "x")))
                .isEqualTo(75);
        assertThat(Failures.exitCode(new StoreException(StoreException.Kind.FULL, "x")))
                .isEqualTo(75);
        assertThat(Failures.exitCode(new StoreException(StoreException.Kind.CORRUPT, "x")))
                .isEqualTo(1);
        assertThat(Failures.exitCode(new IOException("write: No space left on device")))
                .isEqualTo(75);
        assertThat(Failures.exitCode(new IllegalStateException(new UnsatisfiedLinkError("lib"))))
                .isEqualTo(69);
        assertThat(Failures.exitCode(new IllegalStateException("x"))).isEqualTo(1);
    }

    @Test
    void substituters_configWithAndWithoutThisCache_isTold() {
        String address = "http://127.0.0.1:7745";
        assertThat(NixChecks.substituters("substituters = https://cache.nixos.org http://127.0.0.1:7745\n", address)
                        .status())
                .isEqualTo(Finding.Status.OK);
        Finding unused = NixChecks.substituters("substituters = http://127.0.0.1:77450\n", address);
        assertThat(unused.status()).isEqualTo(Finding.Status.WARN);
        assertThat(unused.advice()).contains("extra-substituters = http://127.0.0.1:7745");
    }
}
