package dev.narsil.gateway.download;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A web server on a real socket that serves one file, as badly as a test wants. */
public final class FaultyServer implements AutoCloseable {

    /**
     * What is wrong with the answer to one request. Offsets are of the file.
     *
     * @param status of the answer; -1 for 200 or 206
     * @param ranges whether ranges are served
     * @param hold waited for at {@code holdAt}, or null; at -1 before the head of the answer
     * @param holdAt where to wait
     * @param cutAt where the connection is closed, if it gets there
     * @param dripFrom from where on single bytes are sent, with pauses
     * @param wrongAt offset of a byte that is sent wrong
     */
    public record Fault(
            int status,
            boolean ranges,
            @Nullable CountDownLatch hold,
            long holdAt,
            long cutAt,
            long dripFrom,
            long wrongAt) {

        public static final long NEVER = Long.MAX_VALUE;

        public static final Fault NONE = new Fault(-1, true, null, NEVER, NEVER, NEVER, NEVER);

        public Fault withStatus(int newStatus) {
            return new Fault(newStatus, ranges, hold, holdAt, cutAt, dripFrom, wrongAt);
        }

        public Fault withoutRanges() {
            return new Fault(status, false, hold, holdAt, cutAt, dripFrom, wrongAt);
        }

        public Fault heldAt(long offset, CountDownLatch until) {
            return new Fault(status, ranges, until, offset, cutAt, dripFrom, wrongAt);
        }

        public Fault hangingAt(long offset) {
            return heldAt(offset, new CountDownLatch(1));
        }

        public Fault cutAt(long offset) {
            return new Fault(status, ranges, hold, holdAt, offset, dripFrom, wrongAt);
        }

        public Fault drippingFrom(long offset) {
            return new Fault(status, ranges, hold, holdAt, cutAt, offset, wrongAt);
        }

        public Fault wrongAt(long offset) {
            return new Fault(status, ranges, hold, holdAt, cutAt, dripFrom, offset);
        }
    }

    private static final int PIECE = 16 << 10;
    private static final int DRIP_MILLIS = 20;

    private final byte[] file;
    private final IntFunction<Fault> faults;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private final List<Long> offsets = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Serves {@code file}; the requests are counted from 0. */
    FaultyServer(byte[] file, IntFunction<Fault> faults) throws IOException {
        this.file = file;
        this.faults = faults;
        listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    public int requests() {
        return requests.get();
    }

    long sent() {
        return sent.get();
    }

    /** From where each request wanted the file. */
    List<Long> offsets() {
        return List.copyOf(offsets);
    }

    /** Connections that the other side has not ended. */
    int open() {
        return sockets.size();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            long from = 0;
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                if (line.toLowerCase(Locale.ROOT).startsWith("range: bytes=")) {
                    from = Long.parseLong(line.substring(13, line.length() - 1));
                }
            }
            offsets.add(from);
            Fault fault = faults.apply(requests.getAndIncrement());
            answer(socket, fault, fault.ranges() ? from : 0);
        } catch (IOException e) {
            // the other side has closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    private void answer(Socket socket, Fault fault, long from) throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        if (fault.holdAt() < 0) {
            await(socket, fault);
        }
        int status = fault.status() > 0 ? fault.status() : from > file.length ? 416 : from > 0 ? 206 : 200;
        String head = "HTTP/1.1 " + status + " Status\r\nContent-Length: " + Math.max(0, file.length - from)
                + "\r\nConnection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        if (status > 206) {
            return;
        }
        long end = Math.min(file.length, fault.cutAt());
        long position = from;
        while (position < end) {
            if (position == fault.holdAt()) {
                await(socket, fault);
            }
            if (position == fault.wrongAt()) {
                out.write(file[(int) position] ^ 1);
                position++;
                continue;
            }
            long to = Math.min(end, position + PIECE);
            for (long stop : new long[] {fault.holdAt(), fault.dripFrom(), fault.wrongAt()}) {
                to = position < stop ? Math.min(to, stop) : to;
            }
            if (position >= fault.dripFrom()) {
                var _ = closed.await(DRIP_MILLIS, TimeUnit.MILLISECONDS);
                to = position + 1;
            }
            out.write(file, (int) position, (int) (to - position));
            sent.addAndGet(to - position);
            position = to;
        }
    }

    /** Waits for the test, or until the other side closes. */
    private void await(Socket socket, Fault fault) throws IOException, InterruptedException {
        CountDownLatch hold = Objects.requireNonNull(fault.hold());
        socket.setSoTimeout(DRIP_MILLIS);
        while (!hold.await(1, TimeUnit.MILLISECONDS) && closed.getCount() > 0) {
            if (isEnded(socket)) {
                throw new IOException("closed by the other side");
            }
        }
    }

    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
