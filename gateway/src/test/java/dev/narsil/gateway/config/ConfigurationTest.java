package dev.narsil.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.narsil.gateway.kubo.ApiAddress;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.replicas.DonorOptions;
import dev.narsil.gateway.upstream.UpstreamOptions;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

    private static final Path FOLDER = Path.of("/home/user");
    private static final Path FILE = Path.of("/etc/narsil/config.toml");
    private static final String KEY = PublicKey.CACHE_NIXOS_ORG.toString();

    private static Configuration of(Map<Setting<?>, List<String>> options, Map<String, String> variables, String toml)
            throws ConfigException {
        return Configuration.of(options, variables, ConfigFile.parse(FILE, toml), FOLDER);
    }

    private static Configuration ofFile(String toml) throws ConfigException {
        return of(Map.of(), Map.of(), toml);
    }

    private static List<String> problems(String toml) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> ofFile(toml));
        assertThat(refused).as(toml).isNotNull();
        return refused.problems();
    }

    @Test
    void configuration_nothingSet_isTheDefaults() throws ConfigException {
        Configuration standard = Configuration.of(Map.of(), Map.of(), null, FOLDER);
        assertThat(standard.get(Settings.LISTEN))
                .containsExactly(InetSocketAddress.createUnresolved("127.0.0.1", 7745));
        assertThat(standard.get(Settings.UPSTREAM))
                .hasToString(List.of(UpstreamOptions.DEFAULT).toString());
        assertThat(standard.get(Settings.OPEN_READS)).isFalse();
        assertThat(standard.get(Settings.BASE_PATH)).isEmpty();
        assertThat(standard.find(Settings.DATA)).isEmpty();
        assertThat(standard.effective())
                .hasSameSizeAs(Settings.ALL)
                .allSatisfy(effective -> assertThat(effective.origin()).hasToString("default"));
    }

    @Test
    void configuration_wholeFile_isRead() throws ConfigException {
        Configuration read = ofFile("""
                # a comment
                [store]
                data = "/srv/narsil"
                store-dir = "/gnu/store"

                [serve]
                listen = ["[::1]:80", "unix:run/narsil.sock"]
                priority = 35
                base-path = "/nix/"
                tls-cert = "cert.pem"
                tls-key = "/keys/key.pem"
                unix-socket-mode = "0600"
                proxy-protocol = true
                drain-delay = "10s"
                stop-timeout = "1m"

                [[upstream]]
                url = "https://cache.nixos.org"
                priority = 10
                trusted-keys = ["%1$s"]

                [[upstream]]
                url = "http://office/cache"
                trust-unsigned = true

                [upload]
                max-nar-size = "10GB"
                replace-conflicting = true
                allow-non-canonical = true
                sign-key-file = ["key-1", "key-2"]

                [access]
                open-reads = true
                allow-anonymous-writes = false

                [ipfs]
                gateway = true
                public-keys = ["%1$s"]
                addresses = ["/ip4/10.0.0.1/tcp/80/http"]
                api = "/ip4/10.0.0.2/tcp/5001"
                api-secret-file = "kubo-secret"
                pin-services = ["friend=https://cache.example.org/api/v1?key-file=friend.key"]
                clusters = ["home=http://10.0.0.2:9094"]
                max-donated = "5TB"
                check-interval = "2h"

                [donor]
                pin-service = true
                pin-quota = "1GiB"

                [limits]
                max-connections = 1
                max-requests = 2
                max-downloads = 3
                max-header-size = "32KiB"
                idle-timeout = "3m"
                read-timeout = "500ms"
                write-timeout = "1h"
                """.formatted(KEY));

        assertThat(read.get(Settings.DATA)).isEqualTo(Path.of("/srv/narsil"));
        assertThat(read.get(Settings.STORE_DIR)).hasToString("/gnu/store");
        assertThat(read.get(Settings.LISTEN))
                .containsExactly(
                        InetSocketAddress.createUnresolved("::1", 80),
                        UnixDomainSocketAddress.of("/etc/narsil/run/narsil.sock"));
        assertThat(read.get(Settings.PRIORITY)).isEqualTo(35);
        assertThat(read.get(Settings.BASE_PATH)).isEqualTo("/nix");
        assertThat(read.get(Settings.TLS_CERT)).isEqualTo(Path.of("/etc/narsil/cert.pem"));
        assertThat(read.get(Settings.TLS_KEY)).isEqualTo(Path.of("/keys/key.pem"));
        assertThat(read.get(Settings.UNIX_SOCKET_MODE)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(read.get(Settings.PROXY_PROTOCOL)).isTrue();
        assertThat(read.get(Settings.DRAIN_DELAY)).isEqualTo(Duration.ofSeconds(10));
        assertThat(read.get(Settings.STOP_TIMEOUT)).isEqualTo(Duration.ofMinutes(1));
        assertThat(read.get(Settings.UPSTREAM))
                .extracting(UpstreamOptions::priority)
                .containsExactly(10, 40);
        assertThat(read.get(Settings.UPSTREAM).getFirst().trustedKeys())
                .extracting(PublicKey::toString)
                .containsExactly(KEY);
        assertThat(read.get(Settings.UPSTREAM).getLast().trustUnsigned()).isTrue();
        assertThat(read.get(Settings.MAX_NAR_SIZE)).isEqualTo(10_000_000_000L);
        assertThat(read.get(Settings.SIGN_KEY_FILE))
                .containsExactly(Path.of("/etc/narsil/key-1"), Path.of("/etc/narsil/key-2"));
        assertThat(read.get(Settings.IPFS_GATEWAY)).isTrue();
        assertThat(read.get(Settings.IPFS_PUBLIC_KEYS))
                .extracting(PublicKey::toString)
                .containsExactly(KEY);
        assertThat(read.get(Settings.IPFS_ADDRESSES).addresses()).containsExactly("/ip4/10.0.0.1/tcp/80/http");
        assertThat(read.get(Settings.IPFS_API)).isEqualTo(ApiAddress.parse("http://10.0.0.2:5001"));
        assertThat(read.get(Settings.IPFS_API_SECRET_FILE)).isEqualTo(Path.of("/etc/narsil/kubo-secret"));
        assertThat(read.donors()).extracting(DonorOptions::name).containsExactly("friend", "home");
        assertThat(read.get(Settings.IPFS_PIN_SERVICES).getFirst().secretFile())
                .isEqualTo(Path.of("/etc/narsil/friend.key"));
        assertThat(read.get(Settings.IPFS_MAX_DONATED)).isEqualTo(5_000_000_000_000L);
        assertThat(read.get(Settings.IPFS_CHECK_INTERVAL)).isEqualTo(Duration.ofHours(2));
        assertThat(read.get(Settings.PIN_SERVICE)).isTrue();
        assertThat(read.get(Settings.PIN_QUOTA)).isEqualTo(1L << 30);
        assertThat(read.get(Settings.MAX_DOWNLOADS)).isEqualTo(3);
        assertThat(read.get(Settings.MAX_HEADER_SIZE)).isEqualTo(32 << 10);
        assertThat(read.get(Settings.READ_TIMEOUT)).isEqualTo(Duration.ofMillis(500));
        Set<Setting<?>> set = new HashSet<>(Settings.ALL);
        set.removeIf(setting -> read.origin(setting) instanceof Origin.Line);
        assertThat(set).as("settings this test does not set").isEmpty();
    }

    @Test
    void configuration_pinServiceWithoutADaemon_isRefused() {
        assertThat(problems("[donor]\npin-service = true\n"))
                .singleElement()
                .asString()
                .startsWith(FILE + ":2: pin-service needs ipfs.api");
    }

    @Test
    void configuration_twoDonorsOfOneName_areRefused() {
        assertThat(problems("[ipfs]\npin-services = [\"a=http://x\"]\nclusters = [\"a=http://y\"]\n"))
                .containsExactly(FILE + ":3: the donor a is there twice");
    }

    @Test
    void configuration_optionVariableAndFile_firstOfThemCounts() throws ConfigException {
        String toml = "[serve]\npriority = 1\n";
        Map<String, String> variables = Map.of("NARSIL_PRIORITY", "2");
        Configuration all = of(Map.of(Settings.PRIORITY, List.of("3")), variables, toml);
        assertThat(all.get(Settings.PRIORITY)).isEqualTo(3);
        assertThat(all.origin(Settings.PRIORITY)).hasToString("--priority");
        Configuration two = of(Map.of(), variables, toml);
        assertThat(two.get(Settings.PRIORITY)).isEqualTo(2);
        assertThat(two.origin(Settings.PRIORITY)).hasToString("$NARSIL_PRIORITY");
        Configuration one = of(Map.of(), Map.of("NARSIL_PRIORITY", ""), toml);
        assertThat(one.get(Settings.PRIORITY)).isEqualTo(1);
        assertThat(one.origin(Settings.PRIORITY)).hasToString("/etc/narsil/config.toml:2");
    }

    @Test
    void configuration_variables_ofEveryForm_areRead() throws ConfigException {
        Configuration read = of(
                Map.of(),
                Map.of(
                        "NARSIL_LISTEN", " 127.0.0.1:1  unix:/s ",
                        "NARSIL_OPEN_READS", "1",
                        "NARSIL_ALLOW_ANONYMOUS_WRITES", "false",
                        "NARSIL_UPSTREAM", "none",
                        "NARSIL_DATA", "data"),
                "[access]\nallow-anonymous-writes = true\n");
        assertThat(read.get(Settings.LISTEN)).hasSize(2);
        assertThat(read.get(Settings.OPEN_READS)).isTrue();
        assertThat(read.get(Settings.ALLOW_ANONYMOUS_WRITES)).isFalse();
        assertThat(read.get(Settings.UPSTREAM)).isEmpty();
        assertThat(read.get(Settings.DATA)).isEqualTo(Path.of("/home/user/data"));
    }

    @Test
    void file_noUpstreams_areNone() throws ConfigException {
        assertThat(ofFile("upstream = []\n[serve]\npriority = 1\n").get(Settings.UPSTREAM))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                [serve]~prority = 1               | 2: there is no setting serve.prority; did you mean serve.priority?
                [serv]~priority = 1               | 1: there is no setting serv; did you mean serve?
                priority = 1                      | 1: there is no setting priority
                [serve]~xyzzy = 1                 | 2: there is no setting serve.xyzzy
                [serve.limits]~a = 1              | 1: there is no setting serve.limits
                serve = 1                         | 1: serve is a section: [serve]
                [serve]~priority = "1"            | 2: serve.priority is a whole number
                [serve]~listen = "a:1"            | 2: serve.listen is a list of strings
                [serve]~listen = [1]              | 2: serve.listen is a list of strings
                [serve]~listen = []               | 2: serve.listen: a server listens on one address at least
                [serve]~listen = ["a"]            | 2: serve.listen: 'a' is not HOST:PORT
                [serve]~base-path = "/../x"       | 2: serve.base-path: '/../x' is not a path
                [serve]~unix-socket-mode = "rw"   | 2: serve.unix-socket-mode: 'rw' is not a mode
                [serve]~drain-delay = "1h"        | 2: serve.drain-delay: '1h' is longer than 10m
                [serve]~tls-cert = "c"            | 2: tls-cert and tls-key are given together
                [access]~open-reads = "yes"       | 2: access.open-reads is true or false
                [limits]~idle-timeout = "0s"      | 2: limits.idle-timeout: '0s' is no time at all
                [limits]~max-header-size = "1GB"  | 2: limits.max-header-size: '1GB' is not from 1KiB to 1MiB
                [limits]~max-downloads = 0        | 2: limits.max-downloads: '0' is not a number from 1
                [upstream]~url = "http://x"       | 1: upstream is written as [[upstream]]
                [[upstream]]~priority = 1         | 1: an upstream has a url
                [[upstream]]~url = "ftp://x"      | 1: upstream: an upstream is http://
                [[upstream]]~url = "http://x"~key = 1 | 3: there is no setting upstream.key
                [[upstream]]~url = "http://x"~trust-unsigned = true~[[upstream]]~url = "http://x/"~trust-unsigned = true | 1: upstream: the upstream http://x is there twice
                [serve]~proxy-protocol = true~[access]~allow-anonymous-writes = true | 4: allow-anonymous-writes and proxy-protocol exclude each other
                [serve]~priority = 1~priority = 2 | 3: column 1:
                [serve]~priority 1                | 2: column 10:
                """)
    void file_anythingWrong_isToldWithItsLine(String toml, String problem) {
        assertThat(problems(toml.replace('~', '\n')).getFirst()).startsWith(FILE + ":" + problem);
    }

    @Test
    void file_severalProblems_areToldAtOnce() {
        assertThat(problems("[serve]\nprioritty = 1\nlisten = 1\n[upload]\nx = 1\n"))
                .hasSize(3);
    }

    @Test
    void file_nestedTooDeeply_isRefusedWithoutDescending() {
        assertThat(problems("a = " + "[".repeat(100_000))).containsExactly(FILE + ": nested too deeply");
    }

    @Test
    void read_fileMissingTooLongOrNotUtf8_isRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("config.toml");
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage(file + ": no such file");
        Files.writeString(file, "#".repeat(ConfigFile.MAX_BYTES + 1));
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessageContaining("longer than");
        Files.write(file, "# \u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage(file + ": not UTF-8");
        Files.writeString(file, "");
        assertThat(ConfigFile.read(file).values()).isEmpty();
    }

    @Test
    void effective_credentialsInAnUpstream_areNotShown() throws ConfigException {
        Configuration read = of(Map.of(), Map.of("NARSIL_UPSTREAM", "https://me:geheim@x/?trust-unsigned=true"), "");
        assertThat(read.get(Settings.UPSTREAM).getFirst().authorization()).isNotNull();
        assertThat(read.effective().toString()).doesNotContain("geheim").contains("https://***@x/");
        ConfigException refused = Objects.requireNonNull(catchThrowableOfType(
                ConfigException.class, () -> of(Map.of(), Map.of("NARSIL_UPSTREAM", "https://me:geheim@x/"), "")));
        assertThat(refused.getMessage()).doesNotContain("geheim").startsWith("$NARSIL_UPSTREAM: ");
    }

    @Test
    void settings_all_haveNamesOfTheirOwnAndDefaultsThatAreGood() throws ConfigException {
        Set<String> names = new HashSet<>();
        for (Setting<?> setting : Settings.ALL) {
            assertThat(names.add(setting.option())).as(setting.option()).isTrue();
            assertThat(setting.variable()).matches("NARSIL_[A-Z_]+");
            assertThat(setting.description()).endsWith(".").doesNotContain("\n");
        }
        assertThat(List.of("NARSIL_CONFIG", "NARSIL_LOG", "NARSIL_DEBUG", "NARSIL_JAVA_HOME", "NARSIL_JAVA_OPTS"))
                .noneMatch(reserved -> Settings.ALL.stream()
                        .anyMatch(setting -> setting.variable().equals(reserved)));
    }

    @ParameterizedTest
    @CsvSource({"90d,P90D", "12h,PT12H", "2w,P14D", "500ms,PT0.5S", "0s,PT0S", "36500d,P36500D"})
    void timeSpan_wellFormed_isRead(String text, Duration expected) {
        assertThat(TimeSpan.parse(text)).isEqualTo(expected);
        assertThat(TimeSpan.parse(TimeSpan.print(expected))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "90", "d", "1.5h", "-1s", "1 d", "1D", "36501d", "999999999w", "12345678901s"})
    void timeSpan_malformedOrTooLong_isRefused(String text) {
        assertThatThrownBy(() -> TimeSpan.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "7,7", "7B,7", "10GB,10000000000", "16KiB,16384", "512 MiB,536870912", "1TiB,1099511627776"})
    void byteCount_wellFormed_isRead(String text, long expected) {
        assertThat(ByteCount.parse(text)).isEqualTo(expected);
        assertThat(ByteCount.parse(ByteCount.print(expected))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GB", "-1", "1.5GB", "1gb", "1G", "999999999999999TB"})
    void byteCount_malformedOrTooLarge_isRefused(String text) {
        assertThatThrownBy(() -> ByteCount.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:7745", "[::1]:0", "cache.example:80", "unix:/run/narsil.sock"})
    void listenAddress_wellFormed_isReadAndPrintedBack(String text) {
        assertThat(ListenAddress.print(ListenAddress.parse(text, FOLDER))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7745",
                ":7745",
                "host:",
                "host:x",
                "host:65536",
                "::1:80",
                "[::1]",
                "[host]:80",
                "h/x:80",
                "unix:",
                "unix:/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
            })
    void listenAddress_malformed_isRefused(@Nullable String text) {
        assertThatThrownBy(() -> ListenAddress.parse(Objects.requireNonNull(text), FOLDER))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
