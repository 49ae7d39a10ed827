package dev.narsil.benchmarks;

import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.rewrite.hash.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** NARs fetched over loopback from the real server, which restores and hashes each; the clients share its cores. */
public class ServeBenchmark {

    private static final String HOST = "127.0.0.1";

    /** A server over a store with all NARs. */
    @State(Scope.Benchmark)
    public static class Served {
        private final List<Sha256> nars = new ArrayList<>();
        private final AtomicInteger next = new AtomicInteger();
        private TemporaryStore temporary;
        private CacheServer server;

        @Setup(Level.Trial)
        public void start() throws IOException {
            temporary = new TemporaryStore();
            for (byte[] nar : NarData.load().nars()) {
                StorePathText.insert(nar, 16 << 10, StripperBenchmark.DIGESTS, 0);
                nars.add(temporary.ingest(Sha256.hash(nar), nar));
            }
            temporary.store().flush();
            server = CacheServer.start(temporary.store(), ServerOptions.DEFAULT.withAddress(HOST, 0));
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            server.close();
            temporary.close();
        }

        Sha256 next() {
            return nars.get(Math.floorMod(next.getAndIncrement(), nars.size()));
        }
    }

    /** A connection that is kept open. */
    @State(Scope.Thread)
    public static class Client {
        private final byte[] buffer = new byte[256 << 10];
        private Socket socket;
        private InputStream in;

        @Setup(Level.Trial)
        public void connect(Served served) throws IOException {
            InetSocketAddress address = served.server.address();
            socket = new Socket(HOST, address.getPort());
            in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
        }

        @TearDown(Level.Trial)
        public void close() throws IOException {
            socket.close();
        }

        /** Fetches a NAR, drops its bytes and returns their number. */
        long fetch(Sha256 narHash) throws IOException {
            String request = "GET /nar/" + narHash.toBase32() + ".nar HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String status = line();
            if (!status.startsWith("HTTP/1.1 200")) {
                throw new IOException(narHash + ": " + status);
            }
            long length = -1;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Long.parseLong(header.substring(header.indexOf(':') + 1).trim());
                }
            }
            for (long left = length; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new EOFException(narHash + ": " + left + " of " + length + " bytes are missing");
                }
                left -= n;
            }
            return length;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException("the server closed the connection after '" + line + "'");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }
    }

    @Benchmark
    @Threads(1)
    @Purpose("verified NARs over loopback, one connection")
    public long serve1(Served served, Client client, Moved moved) throws IOException {
        long bytes = client.fetch(served.next());
        moved.bytes += bytes;
        return bytes;
    }

    @Benchmark
    @Threads(16)
    @Purpose("verified NARs over loopback, 16 connections")
    public long serve16(Served served, Client client, Moved moved) throws IOException {
        long bytes = client.fetch(served.next());
        moved.bytes += bytes;
        return bytes;
    }
}
