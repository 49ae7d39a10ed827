package dev.narsil.benchmarks.newer;

import dev.narsil.benchmarks.HttpHead;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection at a time to a cache, as libcurl has it: kept while the cache keeps it, {@code Expect: 100-continue} on every
 * PUT, {@code Accept-Encoding} on everything. Every response is held to the rules. For one thread.
 */
final class WireClient implements AutoCloseable {

    /** What Nix 2.14 to 2.33 send with every request. */
    private static final String ACCEPT_ENCODING = "Accept-Encoding: zstd, br, gzip, deflate, bzip2, xz";

    /** How long libcurl waits for an interim response before it sends the body all the same. */
    private static final int CONTINUE_MILLIS = 1000;

    /** How long a cache may say nothing at all. */
    private static final int PATIENCE_MILLIS = 120_000;

    /** What may follow {@code 100 Continue}: old clients repeat an upload after anything else, without a body. */
    private static final Set<Integer> AFTER_CONTINUE = Set.of(200, 201, 204, 400, 401, 403, 409, 413, 501, 505);

    private static final Set<String> ENCODINGS = Set.of("zstd", "br", "gzip");

    private final URI cache;
    private final AtomicLong late;
    private @Nullable Socket socket;
    private @Nullable InputStream in;

    /** A client of the cache at a URL; {@code late} counts interim responses that took longer than a second. */
    WireClient(URI cache, AtomicLong late) {
        this.cache = cache;
        this.late = late;
    }

    Reply get(String path, String... fields) throws IOException {
        return exchange("GET", path, fields);
    }

    Reply head(String path) throws IOException {
        return exchange("HEAD", path);
    }

    /** Sends a request without a body and reads the whole response. */
    private Reply exchange(String method, String path, String... fields) throws IOException {
        for (boolean fresh = socket == null; ; fresh = true) {
            try {
                send(method, path, fields);
                HttpHead head = readHead();
                return finish(head, method, fields, false);
            } catch (IOException e) {
                close();
                if (fresh) {
                    throw e;
                }
            }
        }
    }

    /** Uploads in two phases. The body is not sent if the cache answers without asking for it. */
    Reply put(String path, byte[] body, String... fields) throws IOException {
        String[] all = Arrays.copyOf(fields, fields.length + 2);
        all[fields.length] = "Content-Length: " + body.length;
        all[fields.length + 1] = "Expect: 100-continue";
        // not repeated, so not on a connection that may have been closed meanwhile
        close();
        send("PUT", path, all);
        @Nullable HttpHead first = interim();
        boolean continued = first == null || first.status() == 100;
        if (!continued) {
            Reply reply = finish(first, "PUT", fields, false);
            BrokenRuleException.unless(
                    reply.status() == 200
                            || reply.field("Connection")
                                    .toLowerCase(Locale.ROOT)
                                    .equals("close"),
                    "PUT " + path + ": status " + reply.status()
                            + " instead of 100 Continue without Connection: close");
            close();
            return reply;
        }
        out().write(body);
        out().flush();
        HttpHead head = first == null ? skipInterim() : readHead();
        Reply reply = finish(head, "PUT", fields, true);
        BrokenRuleException.unless(
                AFTER_CONTINUE.contains(reply.status()),
                "PUT " + path + ": status " + reply.status() + " after 100 Continue");
        return reply;
    }

    /** Begins an upload, sends the first bytes of its body and closes the connection. */
    void cutPut(String path, byte[] body, int sent) throws IOException {
        close();
        send("PUT", path, "Content-Length: " + body.length, "Expect: 100-continue");
        if (interim() instanceof HttpHead head) {
            BrokenRuleException.unless(head.status() == 100, "PUT " + path + " was answered " + head.first());
        }
        out().write(body, 0, sent);
        out().flush();
        close();
    }

    /** Begins a download, reads some bytes of its body and closes the connection. */
    Reply cutGet(String path, int bytes) throws IOException {
        close();
        send("GET", path);
        HttpHead head = readHead();
        byte[] part = in().readNBytes(bytes);
        close();
        return new Reply(head.status(), head, part, false);
    }

    private void send(String method, String path, String... fields) throws IOException {
        if (socket == null) {
            Socket made = new Socket();
            made.setTcpNoDelay(true);
            made.connect(new InetSocketAddress(cache.getHost(), cache.getPort()), PATIENCE_MILLIS);
            made.setSoTimeout(PATIENCE_MILLIS);
            socket = made;
            in = new BufferedInputStream(made.getInputStream(), 64 << 10);
        }
        StringBuilder text = new StringBuilder()
                .append(method + " " + cache.getPath() + "/" + path + " HTTP/1.1\r\nHost: " + cache.getAuthority()
                        + "\r\n")
                .append("User-Agent: curl/8.14.1 Nix/2.35.2\r\nAccept: */*\r\n" + ACCEPT_ENCODING + "\r\n");
        for (String field : fields) {
            text.append(field).append("\r\n");
        }
        out().write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        out().flush();
    }

    /** Reads the response before the body; null if none comes within the time libcurl waits. */
    private @Nullable HttpHead interim() throws IOException {
        Socket open = open();
        open.setSoTimeout(CONTINUE_MILLIS);
        InputStream from = in();
        from.mark(1);
        try {
            if (from.read() < 0) {
                throw new EOFException("closed before an interim response");
            }
            from.reset();
        } catch (SocketTimeoutException e) {
            late.incrementAndGet();
            return null;
        } finally {
            open.setSoTimeout(PATIENCE_MILLIS);
        }
        return readHead();
    }

    private HttpHead skipInterim() throws IOException {
        HttpHead head = readHead();
        return head.status() == 100 ? readHead() : head;
    }

    private HttpHead readHead() throws IOException {
        return HttpHead.read(in()).orElseThrow(() -> new EOFException("closed before a response"));
    }

    private Reply finish(HttpHead head, String method, String[] fields, boolean continued) throws IOException {
        Reply reply = new Reply(head.status(), head, new byte[0], continued);
        boolean bodiless = method.equals("HEAD") || reply.status() == 304 || reply.status() == 204;
        byte[] body = bodiless ? new byte[0] : readBody(reply.length());
        requireSound(reply, method, fields);
        if (reply.field("Connection").toLowerCase(Locale.ROOT).equals("close")) {
            close();
        }
        return new Reply(reply.status(), head, body, continued);
    }

    private byte[] readBody(long length) throws IOException {
        byte[] body = in().readNBytes(Math.toIntExact(length));
        if (body.length < length) {
            throw new EOFException(body.length + " of " + length + " bytes");
        }
        return body;
    }

    private static void requireSound(Reply reply, String method, String[] fields) {
        String encoding = reply.field("Content-Encoding");
        boolean ranged = reply.status() == 206 || Arrays.stream(fields).anyMatch(f -> f.startsWith("Range:"));
        if (!encoding.isEmpty()) {
            BrokenRuleException.unless(ENCODINGS.contains(encoding), method + ": Content-Encoding " + encoding);
            BrokenRuleException.unless(!ranged, method + ": a range with Content-Encoding");
            BrokenRuleException.unless(
                    reply.field("Accept-Ranges").isEmpty(), method + ": Accept-Ranges with Content-Encoding");
        }
        BrokenRuleException.unless(reply.status() != 202, method + ": status 202 is a failure to clients");
    }

    private Socket open() throws IOException {
        if (socket == null) {
            throw new IOException("not connected");
        }
        return socket;
    }

    private InputStream in() throws IOException {
        if (in == null) {
            throw new IOException("not connected");
        }
        return in;
    }

    private OutputStream out() throws IOException {
        return open().getOutputStream();
    }

    /** Closes the connection; the next request makes another. */
    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
        socket = null;
        in = null;
    }
}
