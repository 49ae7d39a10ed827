package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A holder that is asked over a socket of its own for each request. */
final class SocketHolder implements Holder {

    /** Longer than the limits say. */
    private static final Duration ANY = Duration.ofHours(1);

    private final String upstream;
    private final InetSocketAddress address;
    private final NarInfo narInfo;
    private final int stallMillis;

    SocketHolder(String upstream, InetSocketAddress address, NarInfo narInfo, int stallMillis) {
        this.upstream = upstream;
        this.address = address;
        this.narInfo = narInfo;
        this.stallMillis = stallMillis;
    }

    @Override
    public String upstream() {
        return upstream;
    }

    @Override
    public NarInfo narInfo() {
        return narInfo;
    }

    @Override
    public Duration hedge() {
        return ANY;
    }

    @Override
    public OpenFile open(long from, FileVersion expected) throws IOException {
        Socket socket = new Socket();
        boolean opened = false;
        try {
            socket.connect(address, stallMillis);
            socket.setSoTimeout(stallMillis);
            String range = from > 0 ? "Range: bytes=" + from + "-\r\n" : "";
            socket.getOutputStream()
                    .write(("GET /file HTTP/1.1\r\nHost: x\r\n" + range + "\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            String status = line(in);
            long length = -1;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Long.parseLong(line.substring(15).strip());
                }
            }
            if (!status.contains(" 200 ") && !status.contains(" 206 ")) {
                throw new IOException(status);
            }
            InputStream body = new Body(in, socket, length);
            opened = true;
            return new OpenFile(body, status.contains(" 206 ") ? from : 0, FileVersion.ANY);
        } finally {
            if (!opened) {
                socket.close();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("no answer");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private static final class Body extends FilterInputStream {

        private final Socket socket;
        private long left;

        Body(InputStream in, Socket socket, long length) {
            super(in);
            this.socket = socket;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int off, int len) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(target, off, (int) Math.min(len, left));
            if (read < 0) {
                throw new EOFException("cut with " + left + " bytes left");
            }
            left -= read;
            return read;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
