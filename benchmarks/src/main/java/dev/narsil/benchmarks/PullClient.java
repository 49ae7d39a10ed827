package dev.narsil.benchmarks;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.rewrite.path.StoreDir;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Fetches NARs that a Narsil does not have yet, from its upstream and through it, and prints how long each took. What comes compressed
 * from upstream is timed as it comes, and up to the last byte that {@code xz -dc} gives of it, as a client needs the NAR.
 */
public final class PullClient implements AutoCloseable {

    private static final int BUFFER_BYTES = 256 << 10;

    private final URI base;
    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private PullClient(URI base) throws IOException {
        this.base = base;
        this.socket = new Socket(base.getHost(), base.getPort());
        socket.setTcpNoDelay(true);
        this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
    }

    /**
     * How long until the first byte of a NAR, and until the last, in nanoseconds, and how long all cores together worked
     * meanwhile.
     */
    private record Times(long first, long all, long worked) {}

    /**
     * Runs {@code UPSTREAM NARSIL FILE}, with a file of digests. Prints a line for each: NarSize, then first byte and all in
     * milliseconds, of the upstream's file, of the NAR in it, and of the NAR through Narsil; then how many milliseconds the
     * cores worked for the last two of these.
     */
    public static void main(String[] arguments) throws IOException, NarInfoException, InterruptedException {
        URI upstream = URI.create(arguments[0]);
        URI narsil = URI.create(arguments[1]);
        List<String> digests = Files.readAllLines(Path.of(arguments[2]));
        try (PullClient direct = new PullClient(upstream);
                PullClient through = new PullClient(narsil)) {
            for (int i = 0; i < digests.size(); i++) {
                NarInfo file = direct.narInfo(digests.get(i));
                NarInfo nar = through.narInfo(digests.get(i));
                long size = nar.pathInfo().narSize();
                Times pulled = new Times(0, 0, 0);
                if (i % 2 == 0) {
                    pulled = through.fetch(nar.url(), size);
                }
                Times plain = direct.fetch(file.url(), -1);
                Times decoded = file.compression().equals("none") ? plain : direct.fetchXz(file, size);
                if (i % 2 != 0) {
                    pulled = through.fetch(nar.url(), size);
                }
                System.out.printf(
                        Locale.ROOT,
                        "%d %.3f %.3f %.3f %.3f %.3f %.3f %.0f %.0f%n",
                        size,
                        plain.first / 1e6,
                        plain.all / 1e6,
                        decoded.first / 1e6,
                        decoded.all / 1e6,
                        pulled.first / 1e6,
                        pulled.all / 1e6,
                        decoded.worked / 1e6,
                        pulled.worked / 1e6);
            }
        }
    }

    private NarInfo narInfo(String digest) throws IOException, NarInfoException {
        long length = request(digest + ".narinfo");
        return NarInfo.parse(StoreDir.DEFAULT, in.readNBytes((int) length));
    }

    /** Asks for a file below the base, and returns the length of the answer. */
    private long request(String name) throws IOException {
        String path = base.getPath() + "/" + name;
        HttpHead request = new HttpHead("GET " + path + " HTTP/1.1", List.of("Host: " + base.getAuthority()));
        socket.getOutputStream().write(request.bytes());
        Optional<HttpHead> head = HttpHead.read(in);
        if (head.isEmpty() || head.get().status() != 200) {
            throw new IOException(base + " " + path + ": " + head);
        }
        return head.get().contentLength().orElseThrow(() -> new IOException(path + " has no Content-Length"));
    }

    /** Fetches a file and drops it; {@code size} is what it must have, or -1. */
    private Times fetch(String name, long size) throws IOException {
        long worked = CpuTime.worked();
        long start = System.nanoTime();
        long length = request(name);
        if (size >= 0 && length != size) {
            throw new IOException(name + " has " + length + " bytes instead of " + size);
        }
        long first = receive(length, OutputStream.nullOutputStream()) - start;
        long all = System.nanoTime() - start;
        return new Times(first, all, CpuTime.worked() - worked);
    }

    /** Passes so many bytes on; returns when the first came. */
    private long receive(long length, OutputStream out) throws IOException {
        long first = 0;
        for (long left = length; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw new EOFException(left + " of " + length + " bytes are missing");
            }
            first = first == 0 ? System.nanoTime() : first;
            out.write(buffer, 0, n);
            left -= n;
        }
        return first;
    }

    /** Fetches an xz file into a decoder that has started already. */
    private Times fetchXz(NarInfo file, long size) throws IOException, InterruptedException {
        if (!file.compression().equals("xz")) {
            throw new IOException(file.url() + " is neither uncompressed nor xz");
        }
        Process decoder = new ProcessBuilder("xz", "-dc").start();
        CompletableFuture<Long> first = new CompletableFuture<>();
        CompletableFuture<Long> count = CompletableFuture.supplyAsync(() -> drain(decoder.getInputStream(), first));
        long worked = CpuTime.worked();
        long start = System.nanoTime();
        long length = request(file.url());
        try (OutputStream out = decoder.getOutputStream()) {
            receive(length, out);
        }
        long decoded = count.join();
        long all = System.nanoTime() - start;
        if (decoder.waitFor() != 0 || decoded != size) {
            throw new IOException(file.url() + " decodes to " + decoded + " bytes instead of " + size);
        }
        return new Times(first.join() - start, all, CpuTime.worked() - worked);
    }

    private static long drain(InputStream in, CompletableFuture<Long> first) {
        byte[] piece = new byte[BUFFER_BYTES];
        long count = 0;
        try {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                first.complete(System.nanoTime());
                count += n;
            }
        } catch (IOException e) {
            return -1;
        } finally {
            first.complete(System.nanoTime());
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
