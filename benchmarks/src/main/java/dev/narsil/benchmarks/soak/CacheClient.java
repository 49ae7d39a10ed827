package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.HttpHead;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 client of one kept connection, which can also behave badly. Not safe for use by several threads. */
final class CacheClient implements AutoCloseable {

    /** How long the server may say nothing, in milliseconds. */
    static final int PATIENCE_MILLIS = 120_000;

    private static final int BUFFER_BYTES = 64 << 10;

    private final InetSocketAddress server;
    private @Nullable Socket socket;
    private InputStream in = InputStream.nullInputStream();
    private boolean used;

    CacheClient(InetSocketAddress server) {
        this.server = server;
    }

    /**
     * A request with a body.
     *
     * @param expect whether to wait for {@code 100 Continue}
     * @param chunked whether its length is not told
     * @param cutAfter how many bytes to send before the connection is cut; -1 for all, and none
     */
    record Upload(byte[] body, boolean expect, boolean chunked, int cutAfter) {

        static Upload of(byte[] body) {
            return new Upload(body, true, false, -1);
        }

        Upload cut(int after) {
            return new Upload(body, expect, chunked, after);
        }
    }

    /** Sends a request without a body; fields are {@code Name: value}. */
    Answer request(String method, String target, List<String> fields) {
        return partial(method, target, fields, Long.MAX_VALUE);
    }

    /** As {@link #request}, but goes away after so many bytes of the answer's body. */
    Answer partial(String method, String target, List<String> fields, long most) {
        boolean reused = used;
        Answer answer = exchange(method, target, fields, null, most);
        // A server may close a kept connection at any time between two requests.
        return answer.status() == 0 && reused ? exchange(method, target, fields, null, most) : answer;
    }

    /** Sends a PUT. */
    Answer put(String target, List<String> fields, Upload upload) {
        // On a new connection, so that it is never sent twice.
        disconnect();
        return exchange("PUT", target, fields, upload, Long.MAX_VALUE);
    }

    private Answer exchange(String method, String target, List<String> fields, @Nullable Upload upload, long most) {
        try {
            OutputStream out = connected().getOutputStream();
            List<String> all = new ArrayList<>(fields);
            all.addFirst("Host: " + server.getHostString() + ":" + server.getPort());
            if (upload != null) {
                all.add(upload.chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + upload.body.length);
                if (upload.expect) {
                    all.add("Expect: 100-continue");
                }
            }
            out.write(new HttpHead(method + " " + target + " HTTP/1.1", all).bytes());
            boolean continued = false;
            if (upload != null) {
                if (upload.expect) {
                    HttpHead first = head();
                    if (first.status() != 100) {
                        return answer(method, first, false, most);
                    }
                    continued = true;
                }
                if (!send(upload, out)) {
                    abort();
                    return new Answer(0, new HttpHead("", List.of()), new byte[0], continued, null, true);
                }
            }
            HttpHead head = head();
            while (head.status() == 100) {
                head = head();
            }
            return answer(method, head, continued, most);
        } catch (IOException e) {
            disconnect();
            return Answer.lost(String.valueOf(e));
        }
    }

    private Socket connected() throws IOException {
        Socket current = socket;
        if (current == null) {
            current = new Socket(server.getAddress(), server.getPort());
            current.setSoTimeout(PATIENCE_MILLIS);
            current.setTcpNoDelay(true);
            socket = current;
            in = new BufferedInputStream(current.getInputStream(), BUFFER_BYTES);
            used = false;
        }
        return current;
    }

    private HttpHead head() throws IOException {
        Optional<HttpHead> head = HttpHead.read(in);
        return head.orElseThrow(() -> new EOFException("the connection was closed before the answer"));
    }

    /** Sends the body; tells whether that was all of it. */
    private static boolean send(Upload upload, OutputStream out) throws IOException {
        int length = upload.cutAfter < 0 ? upload.body.length : upload.cutAfter;
        for (int at = 0; at < length; at += BUFFER_BYTES) {
            int n = Math.min(BUFFER_BYTES, length - at);
            if (upload.chunked) {
                out.write((Integer.toHexString(n) + "\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
            out.write(upload.body, at, n);
            if (upload.chunked) {
                out.write("\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
        }
        if (upload.chunked && upload.cutAfter < 0) {
            out.write("0\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        return upload.cutAfter < 0;
    }

    private Answer answer(String method, HttpHead head, boolean continued, long most) throws IOException {
        boolean silent = method.equals("HEAD") || head.status() == 204 || head.status() == 304;
        long length = silent ? 0 : head.contentLength().orElse(-1);
        ByteArrayOutputStream body = new ByteArrayOutputStream(Math.clamp(length, 32, 8 << 20));
        if (length < 0) {
            disconnect();
            return new Answer(
                    head.status(), head, body.toByteArray(), continued, "an answer without Content-Length", false);
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            while (body.size() < Math.min(length, most)) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, Math.min(length, most) - body.size()));
                if (n < 0) {
                    throw new EOFException("closed");
                }
                body.write(buffer, 0, n);
            }
        } catch (IOException e) {
            disconnect();
            return new Answer(
                    head.status(),
                    head,
                    body.toByteArray(),
                    continued,
                    e + " after " + body.size() + " of " + length + " bytes",
                    false);
        }
        used = true;
        if (body.size() < length) {
            abort();
        } else if (head.field("Connection").orElse("").equalsIgnoreCase("close")) {
            disconnect();
        }
        return new Answer(head.status(), head, body.toByteArray(), continued, null, body.size() < length);
    }

    /** Resets the connection. */
    private void abort() throws IOException {
        Socket current = socket;
        if (current != null) {
            current.setSoLinger(true, 0);
        }
        disconnect();
    }

    @Override
    public void close() {
        disconnect();
    }

    /** Closes the connection; the next request opens another. */
    void disconnect() {
        Socket current = socket;
        socket = null;
        used = false;
        if (current != null) {
            try {
                current.close();
            } catch (IOException e) {
                // It is of no more use.
            }
        }
    }
}
