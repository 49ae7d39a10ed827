package dev.narsil.gateway.source;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A web server on a real socket that answers as a test says, also wrongly. */
public final class ScriptedServer implements AutoCloseable {

    /**
     * A request.
     *
     * @param target path and query, as sent
     * @param headers by lower-case name
     */
    public record Request(String target, Map<String, String> headers) {
        public @Nullable String header(String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }
    }

    /**
     * An answer.
     *
     * @param cutAfter bytes of the body after which the connection is closed; -1 for all of it and keeping the
     *     connection
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Response(int status, Map<String, String> headers, byte[] body, int cutAfter) {

        public static Response of(int status, byte[] body) {
            return new Response(status, Map.of(), body, -1);
        }

        public static Response of(int status, String body) {
            return of(status, body.getBytes(StandardCharsets.ISO_8859_1));
        }

        public Response with(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Response(status, more, body, cutAfter);
        }

        public Response cutAfter(int bytes) {
            return new Response(status, headers, body, bytes);
        }
    }

    private final ServerSocket listener;
    private final Function<Request, Response> script;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    public ScriptedServer(Function<Request, Response> script) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    /** Returns its root without a slash at the end. */
    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public List<String> targets() {
        return requests.stream().map(Request::target).toList();
    }

    public int connectionsAccepted() {
        return accepted.size();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.add(socket);
                socket.setTcpNoDelay(true);
                accepted.add(socket);
                Thread.startVirtualThread(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream()) {
            while (true) {
                Request request = read(in);
                if (request == null) {
                    return;
                }
                requests.add(request);
                Response response = script.apply(request);
                StringBuilder head = new StringBuilder("HTTP/1.1 " + response.status() + " Status\r\n");
                response.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
                if (!response.headers().containsKey("Transfer-Encoding")) {
                    head.append("Content-Length: " + response.body().length + "\r\n");
                }
                head.append("\r\n");
                out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
                int length = response.cutAfter() < 0 ? response.body().length : response.cutAfter();
                out.write(response.body(), 0, length);
                out.flush();
                if (response.cutAfter() >= 0) {
                    return;
                }
            }
        } catch (IOException e) {
            connections.remove(socket);
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
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Request(first.split(" ", -1)[1], headers);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : connections) {
            socket.close();
        }
    }
}
