package dev.narsil.benchmarks;

import dev.narsil.benchmarks.FaultPlan.Fault;
import dev.narsil.benchmarks.FaultPlan.Rule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * An HTTP/1.1 proxy in front of one server, as bad as a {@link FaultPlan} wants it. Which request meets which fault depends on the
 * seed, the number of its connection and its number on it.
 */
public final class FlakyProxy implements AutoCloseable {

    /** Most connections at a time; more wait to be accepted. */
    static final int MAX_CONNECTIONS = 512;

    private static final int BACKLOG = 1024;
    private static final String USAGE = """
            usage: flaky-proxy --target http://HOST:PORT [--listen PORT] [--seed N] [--latency MS] [--only PATH] [--log] [FAULT P]...

            Passes requests on to the target. Each FAULT befalls a request with probability P:
              --refuse P              connection reset before the answer
              --hang P                no answer at all
              --cut P[:BYTES]         connection reset after so many bytes of the body, else after a random number of them
              --drip P:BYTES          the body comes at so many bytes a second
              --error-404 P, --error-500 P
              --error-503 P[:SECONDS] with Retry-After
              --redirect-loop P       302 to the same address
              --wrong-bytes P         a bit of the body is flipped, under /nar/ only
              --wrong-length P        Content-Length is less than the body, or more
            --latency waits before each request, --only PATH keeps faults to paths that begin so (with a /),
            --log tells each fault on standard error. Prints "listening on URL" once it does, runs until it is stopped.
            """;

    /** Hears of each fault when it is made. May be called by many threads at a time. */
    public interface Observer {
        /** A request for {@code target} meets {@code fault}. */
        void fault(Fault fault, String target);
    }

    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final SplittableRandom seeds;
    private final Observer observer;
    private final Semaphore free = new Semaphore(MAX_CONNECTIONS);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile FaultPlan plan;

    private FlakyProxy(InetSocketAddress target, ServerSocket listener, long seed, FaultPlan plan, Observer observer) {
        this.target = target;
        this.listener = listener;
        this.seeds = new SplittableRandom(seed);
        this.plan = plan;
        this.observer = observer;
    }

    /** Starts one on a port of the loopback interface, 0 for a free one. */
    public static FlakyProxy start(InetSocketAddress target, int port, long seed, FaultPlan plan, Observer observer)
            throws IOException {
        ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
        FlakyProxy proxy = new FlakyProxy(target, listener, seed, plan, observer);
        Thread.ofVirtual().name("flaky-accept").start(proxy::accept);
        return proxy;
    }

    /** Where it listens. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Makes other faults from the next request on. */
    public void plan(FaultPlan other) {
        plan = other;
    }

    FaultPlan plan() {
        return plan;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                free.acquire();
                Socket client = listener.accept();
                SplittableRandom random = seeds.split();
                open.add(client);
                Thread.ofVirtual().name("flaky-connection").start(() -> serve(client, random));
            } catch (InterruptedException | IOException e) {
                free.release();
                if (!listener.isClosed()) {
                    System.err.println("flaky-proxy: accept: " + e);
                }
            }
        }
    }

    private void serve(Socket client, SplittableRandom random) {
        try (client;
                FlakyConnection connection = new FlakyConnection(this, client, random)) {
            connection.run();
        } catch (IOException | InterruptedException e) {
            // The connection is over; that is what it is for.
        } finally {
            open.remove(client);
            free.release();
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(target.getAddress(), target.getPort());
        open.add(socket);
        socket.setTcpNoDelay(true);
        return socket;
    }

    void closed(Socket socket) {
        open.remove(socket);
    }

    void observed(Rule rule, String path) {
        observer.fault(rule.fault(), path);
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        InetSocketAddress target = null;
        int port = 0;
        long seed = System.nanoTime();
        boolean log = false;
        FaultPlan plan = FaultPlan.NONE;
        try {
            for (int i = 0; i < arguments.length; i++) {
                String flag = arguments[i];
                if (flag.equals("--log")) {
                    log = true;
                    continue;
                }
                if (i + 1 == arguments.length) {
                    throw new IllegalArgumentException(flag + " needs a value");
                }
                String value = arguments[++i];
                switch (flag) {
                    case "--target" -> {
                        URI uri = URI.create(value);
                        target = new InetSocketAddress(uri.getHost(), uri.getPort());
                    }
                    case "--listen" -> port = Integer.parseInt(value);
                    case "--seed" -> seed = Long.parseLong(value);
                    case "--latency" -> plan = plan.withLatency(Long.parseLong(value));
                    case "--only" -> plan = plan.withOnly(value);
                    default -> {
                        Rule rule = Rule.parse(fault(flag), value);
                        plan = plan.with(rule.fault(), rule.probability(), rule.parameter());
                    }
                }
            }
            if (target == null) {
                throw new IllegalArgumentException("--target is missing");
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
        }
        boolean told = log;
        Observer observer = (fault, path) -> {
            if (told) {
                System.err.println(fault.flag() + " " + path);
            }
        };
        try (FlakyProxy proxy = start(target, port, seed, plan, observer)) {
            System.out.println("listening on http://127.0.0.1:" + proxy.port());
            System.err.println("flaky-proxy: seed " + seed);
            Thread.currentThread().join();
        }
    }

    private static Fault fault(String flag) {
        return Arrays.stream(Fault.values())
                .filter(fault -> flag.equals("--" + fault.flag()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such option: " + flag));
    }
}
