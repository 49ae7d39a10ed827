package dev.narsil.gateway.control;

import dev.narsil.gateway.control.FrameChannel.Frame;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client's end of a control connection: has one command run by the process that owns a data directory. */
public final class ControlClient implements AutoCloseable {

    /** How long the other process may take to accept a connection and greet: it runs so many commands at a time. */
    static final Duration GREETING_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ControlClient.class);

    private final Path dataDirectory;
    private final SocketChannel socket;
    private final FrameChannel frames;

    private ControlClient(Path dataDirectory, SocketChannel socket) {
        this.dataDirectory = dataDirectory;
        this.socket = socket;
        this.frames = new FrameChannel(Channels.newInputStream(socket), Channels.newOutputStream(socket));
    }

    /**
     * Connects to the process that owns a data directory; empty if none listens there.
     *
     * @throws ControlException if what listens is another version of narsil, or something else
     * @throws ControlBusyException if it does not greet within {@link #GREETING_TIMEOUT}, or hangs up
     */
    public static Optional<ControlClient> connect(Path dataDirectory) throws IOException {
        return connect(dataDirectory, Greeting.VERSION, GREETING_TIMEOUT);
    }

    static Optional<ControlClient> connect(Path dataDirectory, int version, Duration timeout) throws IOException {
        Path path = ControlSocket.of(dataDirectory);
        if (!ControlSocket.isNameable(dataDirectory) || !Files.exists(path)) {
            return Optional.empty();
        }
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean connected = false;
        CountDownLatch greeted = new CountDownLatch(1);
        Thread.ofVirtual().name("control-patience").start(() -> closeUnlessGreeted(socket, greeted, timeout));
        try {
            socket.connect(UnixDomainSocketAddress.of(path));
            ControlClient client = new ControlClient(dataDirectory, socket);
            client.greet(version);
            connected = true;
            return Optional.of(client);
        } catch (ConnectException e) {
            // Left behind by a process that was killed: whoever holds the store's lock decides what is true.
            return Optional.empty();
        } catch (ClosedChannelException e) {
            throw new ControlBusyException(dataDirectory, e);
        } finally {
            greeted.countDown();
            if (!connected) {
                socket.close();
            }
        }
    }

    private static void closeUnlessGreeted(SocketChannel socket, CountDownLatch greeted, Duration timeout) {
        try {
            if (!greeted.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                socket.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing a control connection that nobody took: {}", e.toString());
        }
    }

    private void greet(int version) throws IOException {
        int other;
        try {
            other = frames.greet(version);
        } catch (ControlException e) {
            throw e;
        } catch (IOException e) {
            throw new ControlBusyException(dataDirectory, e);
        }
        if (other != version) {
            throw new ControlException("the narsil that serves this data directory speaks version " + other
                    + " of the control protocol and this one version " + version
                    + ": use the same narsil for both, or stop the one that serves");
        }
    }

    /**
     * Runs a command and returns its exit code. Reads {@code in} only when the command does; a failure to write closes the
     * connection, which cancels the command.
     *
     * @throws ControlBusyException if the other process hangs up before it has the request
     * @throws EOFException if the other process ends before the command does
     */
    public int run(ControlRequest request, InputStream in, OutputStream out, OutputStream err) throws IOException {
        byte[] encoded = request.encode();
        send(encoded);
        Semaphore wanted = new Semaphore(0);
        Thread feeder = Thread.ofPlatform().daemon().name("control-stdin").unstarted(() -> feed(in, wanted));
        try {
            while (true) {
                Frame frame = frames.read(FrameType.OUTPUT, FrameType.ERROR, FrameType.INPUT_WANTED, FrameType.EXIT);
                if (frame == null) {
                    throw new EOFException("the narsil that serves this data directory went away during the command");
                }
                switch (frame.type()) {
                    case OUTPUT -> write(out, frame.payload());
                    case ERROR -> write(err, frame.payload());
                    case EXIT -> {
                        return exitCode(frame.payload());
                    }
                    default -> {
                        if (feeder.getState() == Thread.State.NEW) {
                            feeder.start();
                        }
                        wanted.release();
                    }
                }
            }
        } finally {
            feeder.interrupt();
        }
    }

    private void send(byte[] request) throws IOException {
        try {
            frames.write(FrameType.REQUEST, request, 0, request.length);
        } catch (ClosedChannelException | ControlException e) {
            throw e;
        } catch (IOException e) {
            throw new ControlBusyException(dataDirectory, e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static void write(OutputStream target, byte[] payload) throws IOException {
        target.write(payload);
        target.flush();
    }

    private static int exitCode(byte[] payload) throws ControlException {
        if (payload.length != 1) {
            throw new ControlException("an exit code of " + payload.length + " bytes");
        }
        return payload[0] & 0xff;
    }

    /** Sends one piece of input for each that is wanted. Ends with the input, the connection or the command. */
    private void feed(InputStream in, Semaphore wanted) {
        byte[] buffer = new byte[FrameType.INPUT.maxLength()];
        try {
            int n = 0;
            while (n >= 0) {
                wanted.acquire();
                n = in.read(buffer);
                frames.write(FrameType.INPUT, buffer, 0, Math.max(n, 0));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            hangUp();
        }
    }

    /** Ends the connection where the command waits for input that cannot be had. */
    private void hangUp() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
