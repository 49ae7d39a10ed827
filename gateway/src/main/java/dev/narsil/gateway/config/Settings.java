package dev.narsil.gateway.config;

import dev.narsil.gateway.config.Setting.Form;
import dev.narsil.gateway.kubo.ApiAddress;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.replicas.DonorOptions;
import dev.narsil.gateway.trustless.Provider;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.rewrite.path.StoreDir;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * All settings there are: the one place that options, variables, keys of the file, help texts and defaults come from.
 *
 * <p>Keys of the file are {@code section.name}; the name is that of the option and, in upper case, of the variable.
 */
public final class Settings {

    /** The text of a list that is empty on purpose. */
    public static final String NONE = "none";

    private static final Pattern BASE_PATH_FORM = Pattern.compile("(/[A-Za-z0-9._~-]{1,64}){1,8}");
    private static final int MAX_COUNT = 1_000_000;
    private static final int MIN_HEADER_BYTES = 1 << 10;
    private static final int MAX_HEADER_BYTES = 1 << 20;

    /** Longest of the times for stopping, each. */
    private static final Duration MAX_STOP = Duration.ofMinutes(10);

    private static final String CACHE_NIXOS_ORG = "https://cache.nixos.org?trusted-key=" + PublicKey.CACHE_NIXOS_ORG;

    public static final Setting<Path> DATA = path("store.data", "DIR", "Where the store is.");
    public static final Setting<StoreDir> STORE_DIR = text(
            "store.store-dir",
            "DIR",
            StoreDir.DEFAULT.toString(),
            "The store directory of the paths in the store, which holds paths of one only.",
            StoreDir::new);

    public static final Setting<List<SocketAddress>> LISTEN = new Setting<>(
            "serve.listen",
            Form.LIST,
            "ADDRESS",
            List.of("127.0.0.1:7745"),
            "Where to listen: HOST:PORT (port 0 takes a free one) or unix:PATH. May be repeated.",
            (texts, folder) -> {
                List<SocketAddress> addresses = texts.stream()
                        .map(text -> ListenAddress.parse(text, folder))
                        .toList();
                if (addresses.isEmpty()) {
                    throw new IllegalArgumentException("a server listens on one address at least");
                }
                return addresses;
            });
    public static final Setting<Integer> PRIORITY =
            number("serve.priority", 30, 0, "Nix asks caches with lower priorities first; cache.nixos.org has 40.");
    public static final Setting<String> BASE_PATH = text(
            "serve.base-path",
            "PATH",
            "/",
            "Serve the cache below this path, such as /nix, and nothing else.",
            Settings::basePath);
    public static final Setting<Path> TLS_CERT = path(
            "serve.tls-cert",
            "FILE",
            "Certificate chain in PEM: all HOST:PORT listeners then speak TLS. Read again when it changes.");
    public static final Setting<Path> TLS_KEY = path("serve.tls-key", "FILE", "Private key of the certificate in PEM.");
    public static final Setting<Set<PosixFilePermission>> UNIX_SOCKET_MODE = text(
            "serve.unix-socket-mode",
            "MODE",
            "0660",
            "Mode of the Unix sockets it listens on, in octal.",
            Settings::mode);
    public static final Setting<Boolean> PROXY_PROTOCOL = toggle(
            "serve.proxy-protocol",
            "Expect the PROXY protocol (v1 or v2) on every connection, and refuse those without.");
    public static final Setting<Duration> DRAIN_DELAY = text(
            "serve.drain-delay",
            "TIME",
            "0s",
            "How long to go on serving after SIGTERM while /readyz says 503, so that a load balancer looks away.",
            Settings::stopTime);
    public static final Setting<Duration> STOP_TIMEOUT = text(
            "serve.stop-timeout",
            "TIME",
            "15s",
            "How long transfers in progress may take to end when it stops.",
            Settings::stopTime);

    public static final Setting<List<UpstreamOptions>> UPSTREAM = new Setting<>(
            "upstream",
            Form.TABLES,
            "URL",
            List.of(CACHE_NIXOS_ORG),
            "A cache to ask for what is not stored: URL[?priority=N&trusted-key=NAME:KEY&trust-unsigned=true],"
                    + " percent-encoded. May be repeated.",
            (texts, folder) -> upstreams(texts));

    public static final Setting<Long> MAX_NAR_SIZE =
            text("upload.max-nar-size", "SIZE", "64GiB", "Largest NAR that may be uploaded.", ByteCount::parse);
    public static final Setting<Boolean> REPLACE_CONFLICTING = toggle(
            "upload.replace-conflicting",
            "An upload replaces what is stored for its path, also if its contents differ (else that is refused: 409).");
    public static final Setting<Boolean> ALLOW_NON_CANONICAL = toggle(
            "upload.allow-non-canonical", "Take NARs that are not as Nix writes them (else they are refused: 400).");
    public static final Setting<List<Path>> SIGN_KEY_FILE = new Setting<>(
            "upload.sign-key-file",
            Form.LIST,
            "FILE",
            List.of(),
            "Secret key that adds a signature to what is uploaded. May be repeated.",
            (texts, folder) -> texts.stream().map(text -> resolve(text, folder)).toList());

    public static final Setting<Boolean> OPEN_READS = toggle(
            "access.open-reads", "Whoever reaches this cache may read (else that needs a token, but for loopback).");
    public static final Setting<Boolean> ALLOW_ANONYMOUS_WRITES = toggle(
            "access.allow-anonymous-writes",
            "Whoever reaches a loopback listener may upload (else that needs a token).");

    public static final Setting<Boolean> IPFS_GATEWAY = toggle(
            "ipfs.gateway", "Serve shared paths by content: NARs by their SHA-256, and blocks to programs for IPFS.");
    public static final Setting<List<PublicKey>> IPFS_PUBLIC_KEYS = new Setting<>(
            "ipfs.public-keys",
            Form.LIST,
            "KEY",
            List.of(PublicKey.CACHE_NIXOS_ORG.toString()),
            "Paths that one of these keys, NAME:BASE64, has signed are shared; no others ever are. May be repeated.",
            (texts, folder) -> texts.stream().map(PublicKey::parse).toList());
    public static final Setting<Provider> IPFS_ADDRESSES = new Setting<>(
            "ipfs.addresses",
            Form.LIST,
            "MULTIADDR",
            List.of(),
            "Where IPFS nodes reach this server, such as /ip4/192.168.1.2/tcp/7745/http, for those that ask it who has a"
                    + " block. May be repeated.",
            (texts, folder) -> new Provider(texts));

    public static final Setting<ApiAddress> IPFS_API = new Setting<>(
            "ipfs.api",
            Form.TEXT,
            "URL",
            List.of(),
            "The RPC API of a Kubo daemon, a URL or a multiaddr: NARs that are not stored are fetched from it, too.",
            (texts, folder) -> ApiAddress.parse(texts.getFirst()));
    public static final Setting<Path> IPFS_API_SECRET_FILE = path(
            "ipfs.api-secret-file",
            "FILE",
            "A file with what the daemon wants as authorization: bearer:TOKEN or basic:USER:PASSWORD.");
    public static final Setting<Long> IPFS_MAX_DONATED = text(
            "ipfs.max-donated",
            "SIZE",
            "100GB",
            "Most bytes of NAR of all donations together; donations beyond, the newest, are refused.",
            ByteCount::parse);
    public static final Setting<Duration> IPFS_CHECK_INTERVAL =
            time("ipfs.check-interval", "1h", "How often to see whether the daemon still keeps what is donated.");

    public static final Setting<List<DonorOptions>> IPFS_PIN_SERVICES = donors(
            "ipfs.pin-services",
            DonorOptions.Kind.PIN_SERVICE,
            "A pinning service to ask for copies: NAME=URL[?key-file=FILE&gateway=URL]. May be repeated.");
    public static final Setting<List<DonorOptions>> IPFS_CLUSTERS = donors(
            "ipfs.clusters",
            DonorOptions.Kind.CLUSTER,
            "An ipfs-cluster to ask for copies: NAME=URL[?key-file=FILE&gateway=URL]. May be repeated.");

    public static final Setting<Boolean> PIN_SERVICE = toggle(
            "donor.pin-service",
            "Keep in the Kubo daemon what bearers of tokens with 'pin' ask for by the IPFS Pinning Service API.");
    public static final Setting<Long> PIN_QUOTA = text(
            "donor.pin-quota",
            "SIZE",
            "10GB",
            "Most bytes of blocks that are kept for each of these tokens.",
            ByteCount::parse);

    public static final Setting<Integer> MAX_CONNECTIONS =
            number("limits.max-connections", 4096, 1, "Most connections at a time; one more is answered 503.");
    public static final Setting<Integer> MAX_REQUESTS =
            number("limits.max-requests", 4096, 1, "Most requests in progress; one more is answered 503.");
    public static final Setting<Integer> MAX_DOWNLOADS = number(
            "limits.max-downloads",
            96,
            1,
            "Most NARs sent at a time, three quarters of them from upstreams; one more is answered 503.");
    public static final Setting<Integer> MAX_HEADER_SIZE =
            text("limits.max-header-size", "SIZE", "16KiB", "Longest headers of a request.", Settings::headerSize);
    public static final Setting<Duration> IDLE_TIMEOUT =
            time("limits.idle-timeout", "2m", "How long a connection may go without a complete request.");
    public static final Setting<Duration> READ_TIMEOUT =
            time("limits.read-timeout", "1m", "How long a client may send nothing of an upload.");
    public static final Setting<Duration> WRITE_TIMEOUT =
            time("limits.write-timeout", "10m", "How long a client may take nothing of a download.");

    /** All of them, in the order in which they are shown. */
    public static final List<Setting<?>> ALL = List.of(
            DATA,
            STORE_DIR,
            LISTEN,
            PRIORITY,
            BASE_PATH,
            TLS_CERT,
            TLS_KEY,
            UNIX_SOCKET_MODE,
            PROXY_PROTOCOL,
            DRAIN_DELAY,
            STOP_TIMEOUT,
            UPSTREAM,
            MAX_NAR_SIZE,
            REPLACE_CONFLICTING,
            ALLOW_NON_CANONICAL,
            SIGN_KEY_FILE,
            OPEN_READS,
            ALLOW_ANONYMOUS_WRITES,
            IPFS_GATEWAY,
            IPFS_PUBLIC_KEYS,
            IPFS_ADDRESSES,
            IPFS_API,
            IPFS_API_SECRET_FILE,
            IPFS_MAX_DONATED,
            IPFS_CHECK_INTERVAL,
            IPFS_PIN_SERVICES,
            IPFS_CLUSTERS,
            PIN_SERVICE,
            PIN_QUOTA,
            MAX_CONNECTIONS,
            MAX_REQUESTS,
            MAX_DOWNLOADS,
            MAX_HEADER_SIZE,
            IDLE_TIMEOUT,
            READ_TIMEOUT,
            WRITE_TIMEOUT);

    private Settings() {}

    static List<String> keys() {
        return ALL.stream().map(Setting::key).toList();
    }

    static Set<String> sections() {
        Set<String> sections = new TreeSet<>();
        for (String key : keys()) {
            int dot = key.indexOf('.');
            if (dot > 0) {
                sections.add(key.substring(0, dot));
            }
        }
        return sections;
    }

    private static <T> Setting<T> text(
            String key, String label, String standard, String description, Function<String, T> parser) {
        return new Setting<>(
                key,
                Form.TEXT,
                label,
                List.of(standard),
                description,
                (texts, folder) -> parser.apply(texts.getFirst()));
    }

    private static Setting<Path> path(String key, String label, String description) {
        return new Setting<>(
                key, Form.TEXT, label, List.of(), description, (texts, folder) -> resolve(texts.getFirst(), folder));
    }

    private static Setting<Boolean> toggle(String key, String description) {
        return new Setting<>(
                key, Form.SWITCH, "", List.of("false"), description, (texts, folder) -> bool(texts.getFirst()));
    }

    private static Setting<Integer> number(String key, int standard, int min, String description) {
        return new Setting<>(
                key,
                Form.NUMBER,
                "N",
                List.of(Integer.toString(standard)),
                description,
                (texts, folder) -> integer(texts.getFirst(), min));
    }

    private static Setting<Duration> time(String key, String standard, String description) {
        return text(key, "TIME", standard, description, Settings::timeout);
    }

    private static Setting<List<DonorOptions>> donors(String key, DonorOptions.Kind kind, String description) {
        return new Setting<>(
                key,
                Form.LIST,
                "DONOR",
                List.of(),
                description,
                (texts, folder) -> DonorOptions.parseAll(kind, texts, folder));
    }

    private static Duration timeout(String text) {
        Duration time = TimeSpan.parse(text);
        if (time.isZero()) {
            throw new IllegalArgumentException("'" + text + "' is no time at all");
        }
        return time;
    }

    private static Duration stopTime(String text) {
        Duration time = TimeSpan.parse(text);
        if (time.compareTo(MAX_STOP) > 0) {
            throw new IllegalArgumentException("'" + text + "' is longer than " + TimeSpan.print(MAX_STOP));
        }
        return time;
    }

    private static int headerSize(String text) {
        long bytes = ByteCount.parse(text);
        if (bytes < MIN_HEADER_BYTES || bytes > MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("'" + text + "' is not from " + ByteCount.print(MIN_HEADER_BYTES)
                    + " to " + ByteCount.print(MAX_HEADER_BYTES));
        }
        return (int) bytes;
    }

    private static Path resolve(String text, Path folder) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("not the name of a file");
        }
        return folder.resolve(text).normalize();
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    private static int integer(String text, int min) {
        boolean digits = !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int number = digits ? Integer.parseInt(text) : -1;
        if (number < min || number > MAX_COUNT) {
            throw new IllegalArgumentException("'" + text + "' is not a number from " + min + " to " + MAX_COUNT);
        }
        return number;
    }

    /** Returns a prefix without a slash at its end: empty for the root. */
    private static String basePath(String text) {
        String path = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (path.isEmpty() && !text.isEmpty()) {
            return path;
        }
        if (!BASE_PATH_FORM.matcher(path).matches() || path.contains("/../") || path.endsWith("/..")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a path such as /nix, of letters, digits and - . _ ~");
        }
        return path;
    }

    private static Set<PosixFilePermission> mode(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException("'" + text + "' is not a mode such as 0660");
        }
        int bits = Integer.parseInt(text, 8);
        PosixFilePermission[] highestFirst = PosixFilePermission.values();
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < highestFirst.length; i++) {
            if ((bits >> (highestFirst.length - 1 - i) & 1) != 0) {
                permissions.add(highestFirst[i]);
            }
        }
        return permissions;
    }

    private static List<UpstreamOptions> upstreams(List<String> texts) {
        if (texts.equals(List.of(NONE))) {
            return List.of();
        }
        if (texts.contains(NONE)) {
            throw new IllegalArgumentException("either upstreams or none");
        }
        Set<String> urls = new HashSet<>();
        List<UpstreamOptions> upstreams =
                texts.stream().map(UpstreamOptions::parse).toList();
        for (UpstreamOptions upstream : upstreams) {
            if (!urls.add(upstream.url())) {
                throw new IllegalArgumentException("the upstream " + upstream.url() + " is there twice");
            }
        }
        return upstreams;
    }
}
