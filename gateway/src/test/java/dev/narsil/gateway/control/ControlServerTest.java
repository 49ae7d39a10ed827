package dev.narsil.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {

    private static final Terminal TERMINAL = new Terminal(false, true, true, 99);

    @TempDir
    private Path directory;

    /** A command that may fail to read or write. */
    private interface Body {
        int run(ControlRequest request, CommandStreams streams) throws IOException;
    }

    private static CommandRunner runner(Body body) {
        return (request, streams) -> {
            try {
                return body.run(request, streams);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private record Result(int code, String out, String err) {}

    private Result run(InputStream in, String... arguments) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (ControlClient client = ControlClient.connect(directory).orElseThrow()) {
            int code = client.run(new ControlRequest(List.of(arguments), directory, TERMINAL), in, out, err);
            return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void run_command_getsItsRequestAndReturnsStreamsAndCode() throws Exception {
        CommandRunner echo = runner((request, streams) -> {
            streams.out().write((request.arguments() + " in " + request.folder()).getBytes(StandardCharsets.UTF_8));
            streams.err().write(("width " + request.terminal().width()).getBytes(StandardCharsets.UTF_8));
            return 75;
        });
        try (ControlServer server = ControlServer.start(directory, echo)) {
            Result result = run(InputStream.nullInputStream(), "stats", "--json");
            assertThat(result).isEqualTo(new Result(75, "[stats, --json] in " + directory, "width 99"));
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void run_commandThatReadsInput_getsAllOfIt() throws Exception {
        byte[] data = new byte[300_000];
        new Random(7).nextBytes(data);
        CommandRunner cat = runner((request, streams) -> {
            streams.in().transferTo(streams.out());
            return streams.in().read() < 0 ? 0 : 1;
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ControlServer server = ControlServer.start(directory, cat);
                ControlClient client = ControlClient.connect(directory).orElseThrow()) {
            int code = client.run(
                    new ControlRequest(List.of(), directory, TERMINAL),
                    new ByteArrayInputStream(data),
                    out,
                    OutputStream.nullOutputStream());
            assertThat(code).isZero();
            assertThat(server.running()).isBetween(0, 1);
        }
        assertThat(out.toByteArray()).isEqualTo(data);
    }

    @Test
    void run_commandThatDoesNotReadInput_leavesItAlone() throws Exception {
        InputStream untouched = new ByteArrayInputStream(new byte[] {1});
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> 3)) {
            assertThat(run(untouched).code()).isEqualTo(3);
            assertThat(untouched.available()).isEqualTo(1);
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void run_clientGoesAway_cancelsTheCommandAndFreesItsPlace() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        CommandRunner waits = (request, streams) -> {
            streams.cancellation().onCancel(cancelled::countDown);
            started.countDown();
            return await(cancelled) ? 1 : 0;
        };
        try (ControlServer server = ControlServer.start(directory, waits)) {
            ControlClient client = ControlClient.connect(directory).orElseThrow();
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread.ofPlatform().start(() -> {
                try {
                    client.run(
                            new ControlRequest(List.of(), directory, TERMINAL),
                            InputStream.nullInputStream(),
                            OutputStream.nullOutputStream(),
                            OutputStream.nullOutputStream());
                } catch (IOException e) {
                    failure.complete(e);
                }
            });
            assertThat(await(started)).isTrue();
            assertThat(server.running()).isEqualTo(1);
            client.close();
            assertThat(await(cancelled)).isTrue();
            assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void close_runningCommand_isCancelledAndItsClientGetsTheCode() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        ControlServer server = ControlServer.start(directory, (request, streams) -> {
            streams.cancellation().onCancel(cancelled::countDown);
            started.countDown();
            return await(cancelled) ? 42 : 0;
        });
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> {
            try {
                return run(InputStream.nullInputStream()).code();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(await(started)).isTrue();
        server.close();
        assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(42);
        assertThat(ControlSocket.of(directory)).doesNotExist();
        assertThat(ControlClient.connect(directory)).isEmpty();
    }

    @Test
    void run_commandThatDies_isToldApartFromOneThatEnds() throws Exception {
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> {
            throw new IllegalStateException("wanted by this test");
        })) {
            assertThatThrownBy(() -> run(InputStream.nullInputStream()))
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining("went away during the command");
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void connect_clientOfAnotherVersion_isToldSoAndTheServerGoesOn() throws Exception {
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> 0)) {
            assertThatThrownBy(() -> ControlClient.connect(directory, 2, ControlClient.GREETING_TIMEOUT))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("speaks version 1 of the control protocol and this one version 2");
            assertThat(run(InputStream.nullInputStream()).code()).isZero();
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void connect_somethingElseListens_isRefused() throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(ControlSocket.of(directory)));
            Thread.ofPlatform().daemon().start(() -> {
                try (SocketChannel peer = other.accept()) {
                    Channels.newInputStream(peer).readNBytes(8);
                    peer.write(ByteBuffer.wrap("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThatThrownBy(() -> ControlClient.connect(directory))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("does not speak the control protocol");
        }
    }

    @Test
    void connect_nobodyGreets_endsInTime() throws Exception {
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(ControlSocket.of(directory)));
            assertThatThrownBy(() -> ControlClient.connect(directory, Greeting.VERSION, Duration.ofMillis(100)))
                    .isInstanceOf(ControlBusyException.class)
                    .hasMessage("the narsil process of " + directory + " is busy or stopping; try again");
        }
    }

    @Test
    void connect_hungUpOn_isBusy() throws Exception {
        try (ServerSocketChannel stopping = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stopping.bind(UnixDomainSocketAddress.of(ControlSocket.of(directory)));
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    stopping.accept().close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThatThrownBy(() -> ControlClient.connect(directory)).isInstanceOf(ControlBusyException.class);
        }
    }

    @Test
    void connect_socketOfAKilledProcess_isAsIfThereWereNone() throws Exception {
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(ControlSocket.of(directory)));
        }
        assertThat(ControlSocket.of(directory)).exists();
        assertThat(ControlClient.connect(directory)).isEmpty();
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> 5)) {
            assertThat(run(InputStream.nullInputStream()).code()).isEqualTo(5);
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void start_socket_isForItsOwnerAlone() throws Exception {
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> 0)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ControlSocket.of(directory))))
                    .isEqualTo("rw-------");
            assertThat(directory.resolve(".ctl")).doesNotExist();
            assertThat(server.running()).isZero();
        }
    }

    @Test
    void start_pathTooLong_saysWhatTheLimitIs() throws Exception {
        Path deep = Files.createDirectories(directory.resolve("d".repeat(100)));
        assertThatThrownBy(() -> ControlServer.start(deep, (request, streams) -> 0))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("longer than the 107 bytes");
        assertThat(ControlClient.connect(deep)).isEmpty();
    }

    @Test
    void serve_malformedBytes_endTheConnectionWithoutACommand() throws Exception {
        byte[] greeting = Greeting.bytes(Greeting.VERSION);
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> 0)) {
            assertThat(exchange("GET / HTTP".getBytes(StandardCharsets.US_ASCII)))
                    .isEmpty();
            assertThat(exchange(concat(greeting, new byte[] {9, 0, 0, 0, 0}))).isEmpty();
            assertThat(exchange(concat(greeting, new byte[] {2, 0, 0, 0, 0}))).isEmpty();
            assertThat(exchange(concat(greeting, new byte[] {1, (byte) 0xff, 0, 0, 0})))
                    .isEmpty();
            assertThat(exchange(concat(greeting, new byte[] {1, 0, 0, 0, 1, 0})))
                    .isEmpty();
            assertThat(run(InputStream.nullInputStream()).code()).isZero();
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void serve_silentClient_isDropped() throws Exception {
        try (ControlServer server = ControlServer.start(directory, (request, streams) -> 0, Duration.ofMillis(100))) {
            assertThat(exchange(Greeting.bytes(Greeting.VERSION))).isEmpty();
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    @Test
    void serve_inputThatNobodyAskedFor_cancelsTheCommand() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        CommandRunner waits = (request, streams) -> {
            streams.cancellation().onCancel(cancelled::countDown);
            return await(cancelled) ? 1 : 0;
        };
        byte[] request = new ControlRequest(List.of(), directory, TERMINAL).encode();
        byte[] frames = ByteBuffer.allocate(5 + request.length + 6)
                .put((byte) 1)
                .putInt(request.length)
                .put(request)
                .put(new byte[] {2, 0, 0, 0, 1, 'x'})
                .array();
        try (ControlServer server = ControlServer.start(directory, waits)) {
            assertThat(exchange(concat(Greeting.bytes(Greeting.VERSION), frames)))
                    .isEqualTo(new byte[] {6, 0, 0, 0, 1, 1});
            assertThat(server.running()).isBetween(0, 1);
        }
    }

    /** Sends bytes and returns what comes after the greeting until the server closes. */
    private byte[] exchange(byte[] bytes) throws IOException {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(ControlSocket.of(directory)));
            socket.write(ByteBuffer.wrap(bytes));
            DataInputStream in = new DataInputStream(Channels.newInputStream(socket));
            assertThat(Greeting.read(in)).isEqualTo(Greeting.VERSION);
            return readToEnd(in).orElse(new byte[0]);
        }
    }

    /** A server that closes with unread bytes resets the connection, which is an end as well. */
    private static Optional<byte[]> readToEnd(InputStream in) {
        try {
            return Optional.of(in.readAllBytes());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
