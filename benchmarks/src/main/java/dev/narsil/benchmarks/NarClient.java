package dev.narsil.benchmarks;

import dev.narsil.rewrite.hash.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client of one kept connection that fetches NARs and drops their bytes, so that it costs next to nothing. */
final class NarClient implements AutoCloseable {

    private static final int HEADER_BUFFER = 16 << 10;

    private final String host;
    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[256 << 10];

    NarClient(String host, int port) throws IOException {
        this.host = host;
        this.socket = new Socket(host, port);
        this.in = new BufferedInputStream(socket.getInputStream(), HEADER_BUFFER);
    }

    /** Fetches a NAR and returns its length in bytes. */
    long fetch(Sha256 narHash) throws IOException {
        String request = "GET /nar/" + narHash.toBase32() + ".nar HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String status = line();
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(narHash + ": " + status);
        }
        long length = -1;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length =
                        Long.parseLong(header.substring(header.indexOf(':') + 1).trim());
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

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
