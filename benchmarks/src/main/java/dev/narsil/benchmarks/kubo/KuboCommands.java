package dev.narsil.benchmarks.kubo;

import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.kubo.ApiAddress;
import dev.narsil.gateway.kubo.ApiSecret;
import dev.narsil.gateway.kubo.BlockWindow;
import dev.narsil.gateway.kubo.ImportedCar;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.kubo.KuboLimits;
import dev.narsil.gateway.kubo.KuboOptions;
import dev.narsil.gateway.kubo.NetworkPeer;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls a Kubo daemon: {@code API SECRET-FILE|- COMMAND ARGUMENT...}, where API is a URL, a multiaddr or a repository.
 * A failure is one line on standard error that begins with its kind, and status 1. {@value #SECONDS} in the environment
 * is what every limit is then.
 */
public final class KuboCommands {

    static final String SECONDS = "NARSIL_KUBO_SECONDS";

    private static final int MAX_CID_FILE_LINES = 1 << 20;

    private final KuboClient kubo;
    private final List<String> arguments;

    private KuboCommands(KuboClient kubo, List<String> arguments) {
        this.kubo = kubo;
        this.arguments = arguments;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3) {
            System.err.println("usage: KuboCommands API SECRET-FILE|- COMMAND [ARGUMENT...]");
            System.exit(2);
        }
        int status = 0;
        try (KuboClient kubo = KuboClient.open(new KuboOptions(api(arguments[0]), secret(arguments[1]), limits()))) {
            new KuboCommands(kubo, Arrays.asList(arguments).subList(3, arguments.length)).run(arguments[2]);
        } catch (KuboException e) {
            System.err.println(e.kind() + ": " + e.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private static KuboLimits limits() {
        String seconds = System.getenv(SECONDS);
        if (seconds == null) {
            return KuboLimits.DEFAULT;
        }
        Duration time = Duration.ofSeconds(Long.parseLong(seconds));
        return new KuboLimits(time, time, time, time, time, KuboLimits.DEFAULT.pinAttempts());
    }

    private static ApiAddress api(String text) throws IOException {
        return text.startsWith("/") && Files.isDirectory(Path.of(text))
                ? ApiAddress.ofRepository(Path.of(text))
                : ApiAddress.parse(text);
    }

    private static @Nullable ApiSecret secret(String file) throws IOException {
        return file.equals("-") ? null : ApiSecret.read(Path.of(file));
    }

    private void run(String command) throws IOException {
        switch (command) {
            case "version" -> System.out.println(kubo.version());
            case "id" -> kubo.identity().addresses().forEach(System.out::println);
            case "import" -> importDag();
            case "import-partial" -> importPartial();
            case "pin" -> pin();
            case "unpin" -> System.out.println(kubo.unpin(cid(0)));
            case "update" -> kubo.updatePin(cid(0), cid(1), Duration.ofMinutes(1));
            case "pinned" -> System.out.println(kubo.isPinned(cid(0)));
            case "pins" -> kubo.pins(Duration.ofMinutes(1), pin -> System.out.println(pin.cid() + " " + pin.name()));
            case "read" -> read();
            case "size" -> {
                OptionalLong size = kubo.size(cid(0));
                System.out.println(size.isPresent() ? Long.toString(size.getAsLong()) : "absent");
            }
            case "repository" -> System.out.println(kubo.repository());
            case "config" -> System.out.println(kubo.config(arguments.get(0)).orElse("unset"));
            case "set" -> kubo.setConfig(arguments.get(0), arguments.get(1));
            case "connect" -> kubo.network().connect(arguments.get(0));
            case "peers" ->
                kubo.network().peers().stream().map(NetworkPeer::peerId).forEach(System.out::println);
            case "providers" ->
                System.out.println(kubo.network()
                        .providers(cid(0), 10, Duration.ofSeconds(5))
                        .size());
            case "publish" ->
                System.out.println(kubo.network()
                        .publishName(
                                "self", cid(0), Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofSeconds(20)));
            case "resolve" -> System.out.println(kubo.network().resolveName(arguments.get(0), Duration.ofSeconds(20)));
            default -> throw new IllegalArgumentException("no command '" + command + "'");
        }
    }

    private Cid cid(int index) throws IOException {
        return Cid.parse(arguments.get(index));
    }

    /** {@code SEED LEAVES DIR}: imports and pins; writes its root, file, leaves and hash into files of these names. */
    private void importDag() throws IOException {
        GeneratedDag dag = new GeneratedDag(Long.parseLong(arguments.get(0)), Integer.parseInt(arguments.get(1)));
        Path directory = Files.createDirectories(Path.of(arguments.get(2)));
        Files.writeString(directory.resolve("root"), dag.root() + "\n");
        Files.writeString(directory.resolve("file"), dag.file() + "\n");
        Files.write(
                directory.resolve("leaves"),
                dag.leaves().stream().map(Cid::toString).toList());
        Files.writeString(directory.resolve("sha256"), dag.sha256() + "\n");
        long began = System.nanoTime();
        ImportedCar car =
                kubo.importCar(List.of(dag.root()), true, Duration.ofMinutes(2), writer -> dag.writeTo(writer, 0));
        System.out.println(car.blocks() + " blocks, " + speed(car.blockBytes(), began));
    }

    /** {@code SEED LEAVES WITHOUT PIN}: imports all but some leaves. */
    private void importPartial() throws IOException {
        GeneratedDag dag = new GeneratedDag(Long.parseLong(arguments.get(0)), Integer.parseInt(arguments.get(1)));
        int without = Integer.parseInt(arguments.get(2));
        boolean pin = Boolean.parseBoolean(arguments.get(3));
        ImportedCar car =
                kubo.importCar(List.of(dag.root()), pin, Duration.ofSeconds(3), writer -> dag.writeTo(writer, without));
        System.out.println(car.blocks());
    }

    /** {@code CID NAME SECONDS}. */
    private void pin() throws IOException {
        long began = System.nanoTime();
        Duration time = Duration.ofSeconds(Long.parseLong(arguments.get(2)));
        long[] blocks = {0};
        kubo.pin(cid(0), arguments.get(1), time, count -> blocks[0] = count);
        System.out.println(blocks[0] + " blocks, " + (System.nanoTime() - began) / 1_000_000 + " ms");
    }

    /**
     * {@code FILE WIDTH OFFLINE}: reads the blocks the lines of a file name; the hash of them all goes to standard
     * output.
     */
    private void read() throws IOException {
        List<Cid> cids = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments.get(0)))) {
            cids.add(Cid.parse(line));
            if (cids.size() > MAX_CID_FILE_LINES) {
                throw new IllegalArgumentException("too many CIDs");
            }
        }
        MessageDigest digest = Sha256.newDigest();
        long bytes = 0;
        long began = System.nanoTime();
        try (BlockWindow window = kubo.window(
                cids.iterator(), Integer.parseInt(arguments.get(1)), Boolean.parseBoolean(arguments.get(2)))) {
            for (CarBlock block = window.next(); block != null; block = window.next()) {
                digest.update(block.bytes());
                bytes += block.bytes().length;
            }
        }
        System.err.println(speed(bytes, began));
        System.out.println(HexFormat.of().formatHex(digest.digest()));
    }

    private static String speed(long bytes, long began) {
        double seconds = (System.nanoTime() - began) / 1e9;
        return String.format(Locale.ROOT, "%d bytes in %.2f s, %.1f MB/s", bytes, seconds, bytes / 1e6 / seconds);
    }
}
