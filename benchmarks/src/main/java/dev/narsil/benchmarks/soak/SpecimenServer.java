package dev.narsil.benchmarks.soak;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A binary cache that has all specimens of some origins, makes them when they are asked for, and answers ranges. Its NARs are
 * uncompressed, xz or zstd, by number.
 */
final class SpecimenServer implements AutoCloseable {

    private static final int MAX_REQUESTS = 64;
    private static final Compression[] COMPRESSIONS = {Compression.NONE, Compression.XZ, Compression.ZSTD};
    private static final Pattern NAR_INFO = Pattern.compile("/([0-9a-z]{32})\\.narinfo");
    private static final Pattern NAR = Pattern.compile("/nar/([0-9a-z]{32})\\.nar(\\.[a-z]+)?");
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{1,12})-([0-9]{1,12})?");

    private final HttpServer server;
    private final Specimens specimens;
    private final SecretKey key;
    private final Set<Origin> origins;
    private final Overload overload;
    private final ExecutorService threads = Executors.newFixedThreadPool(MAX_REQUESTS);

    private SpecimenServer(
            HttpServer server, Specimens specimens, SecretKey key, Set<Origin> origins, Overload overload) {
        this.server = server;
        this.specimens = specimens;
        this.key = key;
        this.origins = origins;
        this.overload = overload;
    }

    /** Starts one on a free port of the loopback interface, which tells {@code overload} when it is late. */
    static SpecimenServer start(Specimens specimens, SecretKey key, Set<Origin> origins, Overload overload)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        SpecimenServer made = new SpecimenServer(server, specimens, key, Set.copyOf(origins), overload);
        server.createContext("/", made::serve);
        // virtual threads would leave all others waiting while two of them compress
        server.setExecutor(made.threads);
        server.start();
        return made;
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    private void serve(HttpExchange exchange) throws IOException {
        Overload.Served taken = overload.taken();
        try (exchange) {
            answer(exchange, taken);
        } finally {
            overload.begins(taken);
        }
    }

    private void answer(HttpExchange exchange, Overload.Served taken) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/nix-cache-info")) {
            send(
                    exchange,
                    "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n".getBytes(StandardCharsets.US_ASCII),
                    "");
            return;
        }
        Matcher narInfo = NAR_INFO.matcher(path);
        Matcher nar = NAR.matcher(path);
        Optional<Specimen> found =
                narInfo.matches() ? find(narInfo.group(1)) : nar.matches() ? find(nar.group(1)) : Optional.empty();
        if (found.isEmpty()) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        Compression compression = compression(found.get());
        if (!narInfo.matches()) {
            byte[] file = NarFiles.compress(compression, found.get().nar());
            overload.begins(taken);
            send(exchange, file, "\"" + found.get().narHash().toBase32() + "\"");
            return;
        }
        // without FileHash and FileSize, for which the file would have to be made
        NarInfo answer = new NarInfo(
                found.get().info(key),
                "nar/" + found.get().path().digest() + ".nar" + compression.fileSuffix(),
                compression.toString(),
                null,
                null);
        send(exchange, answer.printBytes(StoreDir.DEFAULT), "");
    }

    private static Compression compression(Specimen specimen) {
        return COMPRESSIONS[(int) (specimen.number() / Origin.values().length % COMPRESSIONS.length)];
    }

    private Optional<Specimen> find(String text) {
        OptionalLong number;
        try {
            number = specimens.number(Digest.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return number.isPresent() && origins.contains(Origin.of(number.getAsLong()))
                ? Optional.of(specimens.of(number.getAsLong()))
                : Optional.empty();
    }

    private static void send(HttpExchange exchange, byte[] body, String tag) throws IOException {
        int from = 0;
        int to = body.length;
        int status = 200;
        if (!tag.isEmpty()) {
            exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
            exchange.getResponseHeaders().set("ETag", tag);
            String range = exchange.getRequestHeaders().getFirst("Range");
            Matcher wanted = RANGE.matcher(range == null ? "" : range);
            if (wanted.matches()) {
                from = (int) Long.parseLong(wanted.group(1));
                to = wanted.group(2) == null ? to : (int) Math.min(to, Long.parseLong(wanted.group(2)) + 1);
                if (from >= to) {
                    exchange.getResponseHeaders().set("Content-Range", "bytes */" + body.length);
                    exchange.sendResponseHeaders(416, -1);
                    return;
                }
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + body.length);
                status = 206;
            }
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(to - from));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, to - from);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body, from, to - from);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
