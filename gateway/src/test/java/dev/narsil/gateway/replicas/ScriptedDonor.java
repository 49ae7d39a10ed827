package dev.narsil.gateway.replicas;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A web server on a real socket that answers what a test says. */
public final class ScriptedDonor implements AutoCloseable {

    /** Answers a request. */
    public interface Script {
        public void answer(Call call) throws IOException;
    }

    /** A request, and how to answer it. */
    public static final class Call {

        private final HttpExchange exchange;
        private final String body;

        private Call(HttpExchange exchange) throws IOException {
            this.exchange = exchange;
            this.body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        }

        public String method() {
            return exchange.getRequestMethod();
        }

        /** Path and query as they came. */
        public String target() {
            return exchange.getRequestURI().toString();
        }

        public String query() {
            String query = exchange.getRequestURI().getQuery();
            return query == null ? "" : query;
        }

        public String header(String name) {
            String value = exchange.getRequestHeaders().getFirst(name);
            return value == null ? "" : value;
        }

        public String body() {
            return body;
        }

        public void retryAfter(String value) {
            exchange.getResponseHeaders().set("Retry-After", value);
        }

        public void location(String value) {
            exchange.getResponseHeaders().set("Location", value);
        }

        public void reply(int status, String text) throws IOException {
            reply(status, text.getBytes(StandardCharsets.UTF_8));
        }

        public void reply(int status, byte[] bytes) throws IOException {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        }

        /** Closes the connection without an answer. */
        public void cut() {
            exchange.close();
        }
    }

    private final HttpServer server;
    private final java.util.concurrent.ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile Script script;

    public ScriptedDonor(Script script) throws IOException {
        this.script = script;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            Call call = new Call(exchange);
            calls.add(call.method() + " " + call.target());
            this.script.answer(call);
        });
        server.start();
    }

    public void script(Script next) {
        script = next;
    }

    /** Method and target of each request. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    public URI root() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
        threads.shutdownNow();
        try {
            var _ = threads.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
