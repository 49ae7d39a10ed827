package dev.narsil.benchmarks;

import dev.narsil.rewrite.path.Digest;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Asks a cache for the narinfos of a closure as Nix does: the root, then its references, then theirs, each once and
 * the first known first, over a number of connections.
 */
final class ClosureClient {

    private static final String END = "";

    private final int port;
    private final int connections;
    private final BlockingQueue<String> wanted = new LinkedBlockingQueue<>();
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final AtomicInteger outstanding = new AtomicInteger();

    private ClosureClient(int port, int connections) {
        this.port = port;
        this.connections = connections;
    }

    /** Fetches the closure of {@code root}, and returns of how many paths it is. */
    static int fetch(int port, int connections, Digest root) throws IOException, InterruptedException {
        return new ClosureClient(port, connections).run(root.toString());
    }

    private int run(String root) throws IOException, InterruptedException {
        want(root);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = IntStream.range(0, connections)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> {
                        try {
                            work();
                        } finally {
                            // after a failure nobody waits for what does not come
                            wanted.add(END);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> each : running) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        return known.size();
    }

    private void want(String digest) {
        if (known.add(digest)) {
            outstanding.incrementAndGet();
            wanted.add(digest);
        }
    }

    private void work() throws IOException, InterruptedException {
        String digest = wanted.take();
        if (digest.equals(END)) {
            return;
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (; !digest.equals(END); digest = wanted.take()) {
                String request = "GET /" + digest + ".narinfo HTTP/1.1\r\nHost: cache\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                for (String line : body(in, digest).split("\n")) {
                    if (line.startsWith("References: ")) {
                        references(line.substring("References: ".length()));
                    }
                }
                if (outstanding.decrementAndGet() == 0) {
                    wanted.add(END);
                }
            }
        }
    }

    private void references(String value) {
        for (String reference : value.split(" ")) {
            if (!reference.isEmpty()) {
                want(reference.substring(0, Digest.LENGTH));
            }
        }
    }

    private static String body(InputStream in, String digest) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(digest + ": " + status);
        }
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(
                        header.substring(header.indexOf(':') + 1).trim());
            }
        }
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
