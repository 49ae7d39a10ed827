package dev.narsil.gateway.http;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A client that sends any bytes, and reads responses that have a Content-Length. */
final class RawClient implements AutoCloseable {

    /** A test that waits longer than this for bytes fails. */
    private static final int READ_TIMEOUT_MILLIS = 30_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    RawClient(InetSocketAddress address) throws IOException {
        this(address, 0);
    }

    /** A client with a small receive buffer, or with the usual one if it is 0. */
    RawClient(InetSocketAddress address, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
        }
        socket.connect(address);
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 1024);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    void send(byte[] data, int off, int len) throws IOException {
        socket.getOutputStream().write(data, off, len);
        socket.getOutputStream().flush();
    }

    /** Sends a request with a Host header and these other header lines. */
    void request(String method, String path, String... headers) throws IOException {
        StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: cache\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        send(text.append("\r\n").toString());
    }

    /** Sends a request and reads its response. */
    RawResponse exchange(String method, String path, String... headers) throws IOException {
        request(method, path, headers);
        return receive(method.equals("HEAD"));
    }

    /** Reads a response; one to HEAD has no body whatever its Content-Length says. */
    RawResponse receive(boolean head) throws IOException {
        String status = line();
        if (!status.startsWith("HTTP/1.")) {
            throw new IOException("not a status line: '" + status + "'");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (a, b) -> a + " and again " + b);
        }
        int code = Integer.parseInt(status.split(" ", -1)[1]);
        int length = head || code == 304 ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException(body.length + " of " + length + " bytes");
        }
        return new RawResponse(code, headers, body);
    }

    /** Waits until a response begins, and takes next to nothing of it. */
    void awaitBytes() throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            throw new EOFException("the connection ended before a response");
        }
        in.reset();
    }

    /** Reads up to {@code n} bytes as they come. */
    int read(byte[] target, int n) throws IOException {
        return in.readNBytes(target, 0, n);
    }

    /** Tells whether the server closed the connection, waiting until it does or sends something. */
    boolean isClosed() throws IOException {
        return in.read() < 0;
    }

    /** Tells whether the server reset the connection, waiting until it does, closes it or sends something. */
    boolean isReset() {
        try {
            var _ = in.read();
            return false;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Closes with a TCP reset. */
    void vanish() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection ended after '" + line + "'");
            }
            line.append((char) b);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return line.toString();
    }
}
