package dev.narsil.gateway.upstream;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A binary cache on a real socket that may do anything a bad one does. */
public final class FaultyUpstream implements AutoCloseable {

    private static final int BACKLOG = 512;

    /** A request, with its headers by lower-case name. */
    public record Request(String target, Map<String, String> headers) {
        public @Nullable String header(String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }
    }

    /** What is done with a request; an exception ends the connection with a reset. */
    public interface Behaviour {
        void answer(Request request, OutputStream out) throws IOException;
    }

    private final ServerSocket listener;
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Behaviour otherwise = status(404, "no");

    public FaultyUpstream() throws IOException {
        this(0);
    }

    /** One on a port, or on any free one if it is 0. */
    public FaultyUpstream(int port) throws IOException {
        listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        Thread.startVirtualThread(this::accept);
    }

    /** Returns its root without a slash at the end. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Sets what is done with requests for a target such as {@code /nix-cache-info}. */
    public FaultyUpstream on(String target, Behaviour behaviour) {
        behaviours.put(target, behaviour);
        return this;
    }

    /** Sets what is done with all other requests; 404 at first. */
    public FaultyUpstream otherwise(Behaviour behaviour) {
        otherwise = behaviour;
        return this;
    }

    /** Forgets what is done with single targets. */
    public FaultyUpstream clear() {
        behaviours.clear();
        return this;
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public long requestsFor(String target) {
        return requests.stream().filter(r -> r.target().equals(target)).count();
    }

    /** Answers 200. */
    public static Behaviour ok(byte[] body) {
        return respond("200 OK", body);
    }

    public static Behaviour ok(String body) {
        return ok(body.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Answers with a status and header lines such as {@code Retry-After: 1}. */
    public static Behaviour status(int status, String body, String... headers) {
        return respond(status + " Status", body.getBytes(StandardCharsets.ISO_8859_1), headers);
    }

    public static Behaviour respond(String status, byte[] body, String... headers) {
        return (request, out) -> {
            head(out, status, body.length, headers);
            out.write(body);
        };
    }

    /** Answers 200, or 206 from the byte on that a {@code Range} asks for. */
    public static Behaviour ranges(byte[] body) {
        return (request, out) -> {
            String range = request.header("range");
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            if (range == null) {
                head(out, "200 OK", body.length, "Accept-Ranges: bytes");
            } else {
                head(
                        out,
                        "206 Partial Content",
                        body.length - from,
                        "Content-Range: bytes " + from + "-" + (body.length - 1) + "/" + body.length);
            }
            out.write(body, from, body.length - from);
        };
    }

    /** Announces {@code body} and resets the connection after some of it. */
    public static Behaviour cut(byte[] body, int after) {
        return (request, out) -> {
            head(out, "200 OK", body.length);
            out.write(body, 0, after);
            out.flush();
            throw new IOException("cut");
        };
    }

    /** Answers 200 after a time. */
    public Behaviour late(Duration delay, byte[] body) {
        return (request, out) -> {
            pause(delay);
            ok(body).answer(request, out);
        };
    }

    /** Never answers. */
    public Behaviour hang() {
        return (request, out) -> pause(Duration.ofHours(1));
    }

    /** Sends the head, and then one byte at a time. */
    public Behaviour drip(byte[] body, Duration each) {
        return (request, out) -> {
            head(out, "200 OK", body.length);
            for (byte b : body) {
                out.write(b);
                out.flush();
                pause(each);
            }
        };
    }

    /** Waits, unless this is closed. */
    public void pause(Duration time) throws IOException {
        try {
            if (closed.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("closed");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    public static void head(OutputStream out, String status, int length, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\nContent-Length: " + length + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.add(socket);
                socket.setTcpNoDelay(true);
                Thread.startVirtualThread(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            try {
                for (Request request = read(in); request != null; request = read(in)) {
                    requests.add(request);
                    ByteArrayOutputStream whole = new ByteArrayOutputStream();
                    Behaviour behaviour = behaviours.getOrDefault(request.target(), otherwise);
                    behaviour.answer(request, new FlushedOutput(out, whole));
                    whole.writeTo(out);
                    out.flush();
                }
            } catch (IOException e) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // the client went first
        } finally {
            connections.remove(socket);
        }
    }

    /** Gathers what is written until it is flushed, so that an answer is one packet. */
    private static final class FlushedOutput extends OutputStream {
        private final OutputStream out;
        private final ByteArrayOutputStream gathered;

        FlushedOutput(OutputStream out, ByteArrayOutputStream gathered) {
            this.out = out;
            this.gathered = gathered;
        }

        @Override
        public void write(int b) {
            gathered.write(b);
        }

        @Override
        public void write(byte[] bytes, int off, int len) {
            gathered.write(bytes, off, len);
        }

        @Override
        public void flush() throws IOException {
            gathered.writeTo(out);
            gathered.reset();
            out.flush();
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new IOException("not a request of HTTP");
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Request(first.split(" ", -1)[1], headers);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    /** Ends all connections, and refuses further ones. */
    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : connections) {
            socket.close();
        }
    }
}
