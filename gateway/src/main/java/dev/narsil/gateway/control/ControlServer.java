package dev.narsil.gateway.control;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands on the Unix socket of a data directory and runs each on a platform thread of its own, at most
 * {@value #MAX_COMMANDS} at once; further clients wait to be accepted.
 */
public final class ControlServer implements AutoCloseable {

    /** Most commands that run at once. */
    public static final int MAX_COMMANDS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(20);
    private static final long ACCEPT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocketChannel server;
    private final Path socket;
    private final CommandRunner runner;
    private final Duration patience;
    private final Semaphore room = new Semaphore(MAX_COMMANDS);
    private final Map<ControlConnection, Thread> connections = new ConcurrentHashMap<>();
    private final Thread acceptor;
    private volatile boolean closing;

    private ControlServer(ServerSocketChannel server, Path socket, CommandRunner runner, Duration patience) {
        this.server = server;
        this.socket = socket;
        this.runner = runner;
        this.patience = patience;
        this.acceptor = Thread.ofPlatform().daemon().name("control-accept").unstarted(this::accept);
    }

    /**
     * Listens in a data directory that the caller owns (its store is open).
     *
     * @throws ControlException if the path of the socket is too long
     */
    public static ControlServer start(Path dataDirectory, CommandRunner runner) throws IOException {
        return start(dataDirectory, runner, PATIENCE);
    }

    static ControlServer start(Path dataDirectory, CommandRunner runner, Duration patience) throws IOException {
        ControlServer server = new ControlServer(
                ControlSocket.listen(dataDirectory), ControlSocket.of(dataDirectory), runner, patience);
        server.acceptor.start();
        return server;
    }

    /** Number of commands that run now. */
    public int running() {
        return connections.size();
    }

    /** Stops listening, cancels the commands that run and waits for them, for 20 seconds at most. */
    @Override
    public void close() throws IOException {
        closing = true;
        server.close();
        Files.deleteIfExists(socket);
        acceptor.interrupt();
        long deadline = System.nanoTime() + CLOSE_DEADLINE.toNanos();
        boolean interrupted = false;
        try {
            acceptor.join(CLOSE_DEADLINE);
            connections.keySet().forEach(ControlConnection::cancel);
            for (Thread thread : connections.values()) {
                thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (ControlConnection connection : connections.keySet()) {
            connection.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() {
        while (!closing) {
            try {
                room.acquire();
                start(server.accept());
            } catch (ClosedChannelException | InterruptedException e) {
                return;
            } catch (IOException e) {
                room.release();
                LOG.warn("cannot accept a control connection: {}", e.getMessage());
                LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
            }
        }
    }

    private void start(SocketChannel channel) {
        ControlConnection connection = new ControlConnection(channel);
        Thread thread = Thread.ofPlatform().daemon().name("control-command").unstarted(() -> {
            try {
                connection.serve(runner, patience);
            } finally {
                connections.remove(connection);
                room.release();
            }
        });
        connections.put(connection, thread);
        thread.start();
    }
}
