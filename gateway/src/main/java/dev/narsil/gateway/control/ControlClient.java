package dev.narsil.gateway.control;

import dev.narsil.gateway.control.FrameChannel.Frame;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** The client's end of a control connection: has one command run by the process that owns a data directory. */
public final class ControlClient implements AutoCloseable {

    private final SocketChannel socket;
    private final FrameChannel frames;

    private ControlClient(SocketChannel socket) {
        this.socket = socket;
        this.frames = new FrameChannel(Channels.newInputStream(socket), Channels.newOutputStream(socket));
    }

    /**
     * Connects to the process that owns a data directory; empty if none listens there.
     *
     * @throws ControlException if what listens is another version of narsil, or something else
     */
    public static Optional<ControlClient> connect(Path dataDirectory) throws IOException {
        return connect(dataDirectory, Greeting.VERSION);
    }

    static Optional<ControlClient> connect(Path dataDirectory, int version) throws IOException {
        Path path = ControlSocket.of(dataDirectory);
        if (!ControlSocket.isNameable(dataDirectory) || !Files.exists(path)) {
            return Optional.empty();
        }
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean connected = false;
        try {
            socket.connect(UnixDomainSocketAddress.of(path));
            ControlClient client = new ControlClient(socket);
            client.greet(version);
            connected = true;
            return Optional.of(client);
        } catch (ConnectException e) {
            // Left behind by a process that was killed: whoever holds the store's lock decides what is true.
            return Optional.empty();
        } finally {
            if (!connected) {
                socket.close();
            }
        }
    }

    private void greet(int version) throws IOException {
        int other = frames.greet(version);
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
     * @throws EOFException if the other process ends before the command does
     */
    public int run(ControlRequest request, InputStream in, OutputStream out, OutputStream err) throws IOException {
        byte[] encoded = request.encode();
        frames.write(FrameType.REQUEST, encoded, 0, encoded.length);
        Semaphore wanted = new Semaphore(0);
        Thread feeder = Thread.ofPlatform().daemon().name("control-stdin").unstarted(() -> feed(in, wanted));
        try {
            while (true) {
                Frame frame =
                        frames.read(FrameType.OUTPUT, FrameType.ERROR, FrameType.INPUT_WANTED, FrameType.EXIT);
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
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt();
        }
    }
}
