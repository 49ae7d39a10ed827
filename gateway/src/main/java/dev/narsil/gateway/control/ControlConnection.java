package dev.narsil.gateway.control;

import dev.narsil.gateway.control.FrameChannel.Frame;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's end of a control connection: one command. */
final class ControlConnection {

    private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);

    private final SocketChannel socket;
    private final FrameChannel frames;
    private final RemoteInput input;
    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch requested = new CountDownLatch(1);

    ControlConnection(SocketChannel socket) {
        this.socket = socket;
        this.frames = new FrameChannel(Channels.newInputStream(socket), Channels.newOutputStream(socket));
        this.input = new RemoteInput(frames);
    }

    /** Serves the connection to its end; a client that sends no request within {@code patience} is dropped. */
    void serve(CommandRunner runner, Duration patience) {
        try (socket) {
            Thread.ofVirtual().name("control-patience").start(() -> closeUnlessRequested(patience));
            ControlRequest request = receive();
            requested.countDown();
            Thread.ofVirtual().name("control-input").start(this::readInput);
            CommandStreams streams = new CommandStreams(
                    input,
                    new FrameOutputStream(frames, FrameType.OUTPUT),
                    new FrameOutputStream(frames, FrameType.ERROR),
                    cancellation);
            int code = runner.run(request, streams);
            frames.write(FrameType.EXIT, new byte[] {(byte) code}, 0, 1);
        } catch (ClosedChannelException | EOFException e) {
            LOG.debug("a control connection ended early: {}", e.toString());
        } catch (IOException e) {
            LOG.info("a control connection failed: {}", e.getMessage());
        } finally {
            requested.countDown();
        }
    }

    void cancel() {
        cancellation.cancel();
    }

    void close() throws IOException {
        socket.close();
    }

    private ControlRequest receive() throws IOException {
        int version = frames.greet(Greeting.VERSION);
        if (version != Greeting.VERSION) {
            throw new ControlException("a client speaks version " + version + " of the control protocol, this is version "
                    + Greeting.VERSION);
        }
        Frame frame = frames.read(FrameType.REQUEST);
        if (frame == null) {
            throw new EOFException("no request");
        }
        return ControlRequest.parse(frame.payload());
    }

    private void closeUnlessRequested(Duration patience) {
        try {
            if (!requested.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                socket.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing a silent control connection: {}", e.toString());
        }
    }

    /** Takes input until the client goes away, which is how it cancels. */
    private void readInput() {
        try {
            Frame frame = frames.read(FrameType.INPUT);
            while (frame != null) {
                input.accept(frame.payload());
                frame = frames.read(FrameType.INPUT);
            }
        } catch (ControlException e) {
            LOG.info("a control connection failed: {}", e.getMessage());
        } catch (IOException e) {
            LOG.debug("a control connection ended: {}", e.toString());
        } finally {
            input.disconnected();
            cancellation.cancel();
        }
    }
}
