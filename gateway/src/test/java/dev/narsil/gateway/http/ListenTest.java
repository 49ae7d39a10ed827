package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.http.ServerOptions.Limits;
import dev.narsil.gateway.http.ServerOptions.Listen;
import dev.narsil.gateway.http.ServerOptions.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where a server listens, how connections begin, how many there may be, and how it stops. */
@Timeout(120)
class ListenTest {

    private static final long POLL_NANOS = 10_000_000;

    // unix sockets have short paths
    @TempDir
    private Path folder;

    private ServedStore serve(Listen listen) throws IOException {
        return serve(ServedStore.OPTIONS.withListen(listen));
    }

    private ServedStore serve(ServerOptions options) throws IOException {
        return new ServedStore(folder.resolve("store"), options, UnaryOperator.identity());
    }

    private static Listen on(SocketAddress... addresses) {
        return Listen.DEFAULT.withAddresses(List.of(addresses));
    }

    private static InetSocketAddress tcp(String host) {
        return InetSocketAddress.createUnresolved(host, 0);
    }

    private static String overUnix(Path socket, String path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            var _ = channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            InputStream in = Channels.newInputStream(channel);
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void listen_severalAddresses_allServe() throws IOException {
        Path socket = folder.resolve("s");
        try (ServedStore served = serve(on(tcp("127.0.0.1"), tcp("127.0.0.1"), UnixDomainSocketAddress.of(socket)))) {
            byte[] nar = ServedStore.nar(1);
            PathInfo info = served.add(1, nar);
            List<SocketAddress> addresses = served.server.addresses();
            assertThat(addresses).hasSize(3).doesNotHaveDuplicates();
            for (SocketAddress address : addresses.subList(0, 2)) {
                try (RawClient client = new RawClient((InetSocketAddress) address)) {
                    assertThat(client.exchange("GET", ServedStore.narPath(info)).body())
                            .isEqualTo(nar);
                }
            }
            assertThat(overUnix(socket, ServedStore.narPath(info)))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith(new String(nar, nar.length - 100, 100, StandardCharsets.ISO_8859_1));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void listen_unixSocket_isNeverThereWithOtherPermissions() throws Exception {
        Path socket = folder.resolve("s");
        CompletableFuture<String> seen = new CompletableFuture<>();
        Thread watcher = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.currentThread().isInterrupted() && !seen.isDone()) {
                try {
                    seen.complete(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
                } catch (IOException e) {
                    Thread.onSpinWait();
                }
            }
        });
        try (ServedStore served = serve(on(UnixDomainSocketAddress.of(socket)))) {
            assertThat(seen.get(30, TimeUnit.SECONDS)).isEqualTo("rw-rw----");
            assertThat(served.server.addresses()).hasSize(1);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactlyInAnyOrder(socket, folder.resolve("store"));
            }
        } finally {
            watcher.interrupt();
        }
    }

    @Test
    void unixSocket_beforeItIsShown_isInAFolderOfItsOwner() throws IOException {
        try (UnixSocketFile socket = UnixSocketFile.prepare(folder.resolve("s"))) {
            Path inside = Objects.requireNonNull(socket.bindPath().getParent());
            assertThat(inside.getParent()).isEqualTo(folder);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inside)))
                    .isEqualTo("rwx------");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void listen_manyConnectionsToAUnixSocket_allServe() throws Exception {
        Path socket = folder.resolve("s");
        try (ServedStore served = serve(on(UnixDomainSocketAddress.of(socket)))) {
            assertThat(served.server.addresses()).hasSize(1);
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                answers.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        return overUnix(socket, "/nix-cache-info");
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }));
            }
            for (CompletableFuture<String> answer : answers) {
                assertThat(answer.get(30, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200 OK");
            }
        }
    }

    @Test
    void listen_staleSocket_isReplaced_liveOneAndOtherFilesAreNot() throws IOException {
        Path socket = folder.resolve("s");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(address);
        }
        assertThat(socket).exists();
        try (ServedStore served = serve(on(address))) {
            assertThat(served.server.addresses()).containsExactly(address);
            assertThat(overUnix(socket, "/readyz")).startsWith("HTTP/1.1 200");
            assertThatThrownBy(() -> CacheServer.start(served.store, ServedStore.OPTIONS.withListen(on(address))))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(socket.toString());
            assertThat(overUnix(socket, "/readyz")).startsWith("HTTP/1.1 200");
        }
        Files.writeString(socket, "precious");
        assertThatThrownBy(() -> serve(on(address)).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a socket");
        assertThat(socket).hasContent("precious");
    }

    @Test
    void listen_oneAddressTaken_nothingIsServed() throws IOException {
        try (ServedStore served = serve(on(tcp("127.0.0.1")))) {
            int taken = served.server.address().getPort();
            Listen two = on(tcp("127.0.0.1"), InetSocketAddress.createUnresolved("127.0.0.1", taken));
            assertThatThrownBy(() -> CacheServer.start(served.store, ServedStore.OPTIONS.withListen(two)))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("127.0.0.1:" + taken);
            assertThat(served.get("/readyz").status()).isEqualTo(200);
        }
    }

    @Test
    void basePath_isStripped_andNothingElseIsServed() throws IOException {
        try (ServedStore served = serve(on(tcp("127.0.0.1")).withBasePath("/a/nix"))) {
            PathInfo info = served.add(1, ServedStore.nar(1));
            assertThat(served.get("/a/nix/nix-cache-info").status()).isEqualTo(200);
            assertThat(served.get("/a/nix" + ServedStore.narInfoPath(info)).text())
                    .contains("URL: nar/")
                    .doesNotContain("/a/nix");
            assertThat(served.get("/a/nix" + ServedStore.narPath(info)).status())
                    .isEqualTo(200);
            assertThat(served.get("http://cache/a/nix/nix-cache-info").status()).isEqualTo(200);
            for (String page : new String[] {"/a/nix", "/a/nix/"}) {
                assertThat(served.get(page).text()).contains("extra-substituters = http://cache/a/nix\n");
            }
            for (String path : new String[] {
                "/", "/nix-cache-info", "/readyz", "/a/nixx/nix-cache-info", "/a/nix/a/nix/nix-cache-info", "/a/"
            }) {
                assertThat(served.get(path).status()).as(path).isEqualTo(404);
            }
        }
    }

    @Test
    void proxyProtocol_bothVersions_areTaken_andNoneIsRefused() throws IOException {
        try (ServedStore served = serve(on(tcp("127.0.0.1")).withProxyProtocol(true))) {
            try (RawClient client = served.client()) {
                client.send("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n");
                assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
                assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
            }
            try (RawClient client = served.client()) {
                byte[] header = HexFormat.of()
                        .parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c0000201" + "c0000202" + "1267" + "01bb");
                client.send(header, 0, header.length);
                assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
            }
            try (RawClient client = served.client()) {
                client.request("GET", "/nix-cache-info");
                assertThatThrownBy(() -> client.receive(false)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void proxyProtocol_headerWhereNoneIsExpected_isABadRequest() throws IOException {
        try (ServedStore served = serve(on(tcp("127.0.0.1")));
                RawClient client = served.client()) {
            client.send("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n\r\n");
            assertThat(client.receive(false).status()).isEqualTo(400);
        }
    }

    @Test
    void connections_oneTooMany_isAnswered503AndClosed_andServedWhenOneLeft() throws Exception {
        try (ServedStore served = serve(ServedStore.OPTIONS.withLimits(Limits.DEFAULT.withConnections(2)));
                RawClient first = served.client()) {
            RawClient second = served.client();
            assertThat(first.exchange("GET", "/readyz").status()).isEqualTo(200);
            assertThat(second.exchange("GET", "/readyz").status()).isEqualTo(200);
            try (RawClient third = served.client()) {
                RawResponse refused = third.exchange("GET", "/nix-cache-info");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).isNotEmpty();
                assertThat(refused.header("Connection")).isEqualTo("close");
                assertThat(third.isClosed()).isTrue();
            }
            second.close();
            served.await(counters -> counters.connections() == 1);
            assertThat(served.get("/nix-cache-info").status()).isEqualTo(200);
            assertThat(first.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
        }
    }

    @Test
    void connections_oneTooManyThatSaysNothing_isClosed() throws Exception {
        try (ServedStore served = serve(ServedStore.OPTIONS.withLimits(Limits.DEFAULT.withConnections(1)));
                RawClient first = served.client()) {
            assertThat(first.exchange("GET", "/readyz").status()).isEqualTo(200);
            try (RawClient silent = served.client()) {
                assertThat(silent.isClosed()).isTrue();
            }
            assertThat(first.exchange("GET", "/readyz").status()).isEqualTo(200);
        }
    }

    @Test
    void requests_oneTooMany_isAnswered503_andHealthIsNot() throws Exception {
        byte[] nar = ServedStore.largeNar(1, 16 << 20);
        try (ServedStore served = serve(ServedStore.OPTIONS.withLimits(Limits.DEFAULT.withRequests(1)));
                RawClient slow = new RawClient(served.server.address(), 4096)) {
            PathInfo info = served.add(1, nar);
            slow.request("GET", ServedStore.narPath(info));
            slow.awaitBytes();
            RawResponse refused = served.get("/nix-cache-info");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isNotEmpty();
            assertThat(served.get("/healthz").status()).isEqualTo(200);
            assertThat(served.get("/readyz").status()).isEqualTo(200);
            slow.vanish();
            served.await(counters -> counters.responsesInFlight() == 0);
            while (served.get("/nix-cache-info").status() == 503) {
                LockSupport.parkNanos(POLL_NANOS);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(served.get("/nix-cache-info").status()).isEqualTo(200);
                assertThat(served.get("/nothing").status()).isEqualTo(404);
            }
        }
    }

    @Test
    void headers_overTheLimit_areRefused() throws IOException {
        try (ServedStore served = serve(ServedStore.OPTIONS.withLimits(Limits.DEFAULT.withHeaderBytes(2048)))) {
            assertThat(served.get("/readyz", "X: " + "x".repeat(1500)).status()).isEqualTo(200);
            assertThat(served.get("/readyz", "X: " + "x".repeat(2100)).status()).isEqualTo(431);
        }
    }

    @Test
    void close_drainDelay_servesOnButIsNotReady_andTransfersFinish() throws Exception {
        byte[] nar = ServedStore.largeNar(1, 16 << 20);
        ServedStore served = serve(ServedStore.OPTIONS.withTimeouts(
                Timeouts.DEFAULT.withDrain(Duration.ofSeconds(3)).withStop(Duration.ofSeconds(30))));
        PathInfo info = served.add(1, nar);
        assertThat(served.get("/readyz").status()).isEqualTo(200);
        try (RawClient slow = new RawClient(served.server.address(), 4096)) {
            slow.request("GET", ServedStore.narPath(info));
            slow.awaitBytes();
            CompletableFuture<Void> closed = CompletableFuture.runAsync(served.server::close);
            RawResponse ready = served.get("/readyz");
            while (ready.status() == 200) {
                LockSupport.parkNanos(POLL_NANOS);
                ready = served.get("/readyz");
            }
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.header("Retry-After")).isNotEmpty();
            assertThat(served.get("/nix-cache-info").status()).isEqualTo(200);
            assertThat(served.get("/healthz").status()).isEqualTo(200);
            assertThat(closed).isNotDone();
            assertThat(slow.receive(false).body()).isEqualTo(nar);
            closed.get(60, TimeUnit.SECONDS);
            assertThatThrownBy(() -> served.get("/readyz")).isInstanceOf(IOException.class);
        }
        served.close();
    }
}
