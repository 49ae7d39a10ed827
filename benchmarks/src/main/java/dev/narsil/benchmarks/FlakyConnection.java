package dev.narsil.benchmarks;

import dev.narsil.benchmarks.FaultPlan.Fault;
import dev.narsil.benchmarks.FaultPlan.Rule;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to a {@link FlakyProxy}: its requests one after another, each passed on over one kept connection to the
 * target. After a request with a body, an answer without a length, or a fault other than slowness, the connection ends.
 */
final class FlakyConnection implements AutoCloseable {

    private static final int IDLE_MILLIS = 600_000;
    private static final int BUFFER_BYTES = 64 << 10;

    /** Pieces of a slow body each second. */
    private static final int DRIPS = 100;

    private static final int MAX_WRONG_LENGTH = 64;

    private final FlakyProxy proxy;
    private final Socket client;
    private final SplittableRandom random;
    private final InputStream fromClient;
    private final OutputStream toClient;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private @Nullable Socket target;
    private @Nullable InputStream fromTarget;

    FlakyConnection(FlakyProxy proxy, Socket client, SplittableRandom random) throws IOException {
        this.proxy = proxy;
        this.client = client;
        this.random = random;
        client.setSoTimeout(IDLE_MILLIS);
        client.setTcpNoDelay(true);
        this.fromClient = new BufferedInputStream(client.getInputStream());
        this.toClient = client.getOutputStream();
    }

    void run() throws IOException, InterruptedException {
        for (boolean keep = true; keep; ) {
            Optional<HttpHead> request = HttpHead.read(fromClient);
            if (request.isEmpty()) {
                return;
            }
            FaultPlan plan = proxy.plan();
            Optional<Rule> rule = plan.draw(request.get().target(), random);
            if (plan.latencyMillis() > 0) {
                sleep(TimeUnit.MILLISECONDS.toNanos(plan.latencyMillis()));
            }
            if (rule.isPresent()) {
                proxy.observed(rule.get(), request.get().target());
            }
            keep = rule.isPresent() && !needsAnswer(rule.get().fault())
                    ? instead(request.get(), rule.get())
                    : pass(request.get(), rule.orElse(null));
        }
    }

    private static boolean needsAnswer(Fault fault) {
        return switch (fault) {
            case CUT, DRIP, WRONG_BYTES, WRONG_LENGTH -> true;
            case REFUSE, HANG, ERROR_404, ERROR_500, ERROR_503, REDIRECT_LOOP -> false;
        };
    }

    /** Answers without asking the target. */
    private boolean instead(HttpHead request, Rule rule) throws IOException {
        return switch (rule.fault()) {
            case ERROR_404 -> answer(request, "404 Not Found", "");
            case ERROR_500 -> answer(request, "500 Internal Server Error", "");
            case ERROR_503 -> answer(request, "503 Service Unavailable", "Retry-After: " + rule.parameter());
            case REDIRECT_LOOP -> answer(request, "302 Found", "Location: " + request.target());
            case HANG -> {
                // Ends when the client does, or after the idle time-out.
                fromClient.transferTo(OutputStream.nullOutputStream());
                yield false;
            }
            default -> {
                reset();
                yield false;
            }
        };
    }

    private boolean answer(HttpHead request, String status, String field) throws IOException {
        boolean body = hasBody(request);
        List<String> fields = field.isEmpty() ? List.of() : List.of(field);
        HttpHead head = new HttpHead("HTTP/1.1 " + status, fields).with("Content-Length", "0");
        toClient.write((body ? head.with("Connection", "close") : head).bytes());
        return !body;
    }

    private static boolean hasBody(HttpHead request) throws IOException {
        return request.contentLength().orElse(0) > 0
                || request.field("Transfer-Encoding").isPresent();
    }

    private boolean pass(HttpHead request, @Nullable Rule rule) throws IOException, InterruptedException {
        boolean body = hasBody(request);
        boolean reused = target != null;
        HttpHead response;
        try {
            send(request, body);
            response = response();
        } catch (IOException e) {
            if (!reused || body) {
                throw e;
            }
            // The target had closed the kept connection.
            close();
            send(request, false);
            response = response();
        }
        boolean silent = request.method().equals("HEAD") || response.status() == 204 || response.status() == 304;
        OptionalLong length = silent ? OptionalLong.of(0) : response.contentLength();
        boolean keep = !body
                && length.isPresent()
                && !response.field("Connection").orElse("").equalsIgnoreCase("close")
                && !request.field("Connection").orElse("").equalsIgnoreCase("close");
        if (!keep) {
            response = response.with("Connection", "close");
        }
        if (rule == null || length.orElse(1) == 0) {
            toClient.write(response.bytes());
            relay(length.orElse(Long.MAX_VALUE), length.isPresent());
            return keep;
        }
        if (rule.fault() == Fault.DRIP) {
            toClient.write(response.bytes());
            return drip(length.orElse(Long.MAX_VALUE), Math.max(1, rule.parameter())) && keep;
        }
        faulty(response, length, rule);
        return false;
    }

    /** Passes the request on; its body goes on its own thread, as the answer may come before its end. */
    private void send(HttpHead request, boolean body) throws IOException {
        Socket socket = target;
        if (socket == null) {
            socket = proxy.connect();
            socket.setSoTimeout(IDLE_MILLIS);
            target = socket;
            fromTarget = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        }
        OutputStream out = socket.getOutputStream();
        out.write((body ? request.with("Connection", "close") : request).bytes());
        if (body) {
            long length = request.contentLength().orElse(Long.MAX_VALUE);
            Thread.ofVirtual().name("flaky-body").start(() -> upload(length, out));
        }
    }

    private void upload(long length, OutputStream out) {
        byte[] piece = new byte[BUFFER_BYTES];
        try {
            for (long left = length; left > 0; ) {
                int n = fromClient.read(piece, 0, (int) Math.min(left, piece.length));
                if (n < 0) {
                    throw new EOFException("the client left");
                }
                out.write(piece, 0, n);
                left -= n;
            }
        } catch (IOException e) {
            Socket socket = target;
            if (socket != null) {
                closeQuietly(socket);
            }
        }
    }

    private HttpHead response() throws IOException {
        while (true) {
            HttpHead head = HttpHead.read(in()).orElseThrow(() -> new EOFException("the target left"));
            if (head.status() >= 200) {
                return head;
            }
            toClient.write(head.bytes());
        }
    }

    private InputStream in() throws IOException {
        InputStream in = fromTarget;
        if (in == null) {
            throw new IOException("not connected");
        }
        return in;
    }

    /** Passes so many bytes of the answer on, or what there is of them; returns whether that was all. */
    private boolean relay(long length, boolean exact) throws IOException {
        for (long left = length; left > 0; ) {
            int n = in().read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                if (exact) {
                    reset();
                }
                return false;
            }
            toClient.write(buffer, 0, n);
            left -= n;
        }
        return true;
    }

    private void faulty(HttpHead response, OptionalLong known, Rule rule) throws IOException {
        long length = known.orElse(BUFFER_BYTES);
        switch (rule.fault()) {
            case CUT -> {
                toClient.write(response.bytes());
                relay(rule.parameter() > 0 ? rule.parameter() : random.nextLong(length), false);
                reset();
            }
            case WRONG_BYTES -> {
                toClient.write(response.bytes());
                long at = random.nextLong(length);
                relay(at, false);
                int wrong = in().read();
                if (wrong >= 0) {
                    toClient.write(wrong ^ (1 << random.nextInt(8)));
                    relay(known.isPresent() ? length - at - 1 : Long.MAX_VALUE, known.isPresent());
                }
            }
            case WRONG_LENGTH -> {
                long off = 1 + random.nextLong(Math.min(MAX_WRONG_LENGTH, length));
                boolean more = random.nextBoolean();
                toClient.write(response.with("Content-Length", Long.toString(more ? length + off : length - off))
                        .bytes());
                relay(more ? length : length - off, false);
            }
            default -> throw new IllegalStateException("no such fault of a body: " + rule);
        }
    }

    private boolean drip(long length, long bytesPerSecond) throws IOException, InterruptedException {
        long piece = Math.max(1, bytesPerSecond / DRIPS);
        long start = System.nanoTime();
        long given = 0;
        while (given < length && relay(Math.min(piece, length - given), false)) {
            given += Math.min(piece, length - given);
            double due = (double) given / bytesPerSecond * 1e9 + start - System.nanoTime();
            if (due > 0) {
                sleep((long) due);
            }
        }
        return given >= length;
    }

    /** Ends the connection so that the client is told of a failure, not of an end. */
    private void reset() throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    private static void sleep(long nanos) throws InterruptedException {
        new CountDownLatch(1).await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Closes the connection to the target. */
    @Override
    public void close() {
        Socket socket = target;
        if (socket != null) {
            closeQuietly(socket);
            proxy.closed(socket);
        }
        target = null;
        fromTarget = null;
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no more use.
        }
    }
}
