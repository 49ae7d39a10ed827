package dev.narsil.gateway.kubo;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The connection a {@link FakeKubo} answers on. */
public final class FakeWire {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean closing;

    FakeWire(Socket socket, InputStream in) throws IOException {
        this.socket = socket;
        this.in = in;
        this.out = socket.getOutputStream();
    }

    boolean isClosing() {
        return closing;
    }

    /** Begins an answer of status 200, as commands do with their first output. */
    public FakeWire begin(String contentType) throws IOException {
        return text("HTTP/1.1 200 OK\r\nContent-Type: " + contentType
                + "\r\nTrailer: X-Stream-Error\r\nX-Chunked-Output: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    public FakeWire chunk(byte[] bytes) throws IOException {
        if (bytes.length > 0) {
            text(Integer.toHexString(bytes.length) + "\r\n");
            out.write(bytes);
            text("\r\n");
        }
        return this;
    }

    public FakeWire line(String json) throws IOException {
        return chunk((json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    public void end() throws IOException {
        text("0\r\n\r\n");
    }

    /** Ends an answer with an error that comes too late for the status. */
    void endWithError(String error) throws IOException {
        text("0\r\nX-Stream-Error: " + error + "\r\n\r\n");
    }

    public void json(String json) throws IOException {
        begin(FakeKubo.JSON).line(json).end();
    }

    /** Answers as a command that fails before its first output. */
    public void failure(String message) throws IOException {
        error(500, FakeKubo.JSON, "{\"Message\":\"" + message + "\",\"Code\":0,\"Type\":\"error\"}\n");
    }

    void error(int status, String contentType, String body) throws IOException {
        text("HTTP/1.1 " + status + " Status\r\nContent-Type: " + contentType + "\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    /** Answers as Kubo does to a timeout that Go does not read: with nothing. */
    void nothing() throws IOException {
        text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    /** Closes the connection. */
    public void cut() throws IOException {
        closing = true;
        socket.close();
    }

    /** Answers and reads nothing until the test says so. */
    void waitFor(CountDownLatch latch) throws IOException {
        closing = true;
        waitForAndGoOn(latch);
    }

    /** As {@link #waitFor}, but answers later. */
    void waitForAndGoOn(CountDownLatch latch) throws IOException {
        pause(latch, Duration.ofMinutes(1));
    }

    /** Waits for this time, or until the test says so. */
    public void pause(CountDownLatch latch, Duration time) throws IOException {
        try {
            var _ = latch.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /** Answers nothing more and waits until the client closes the connection. */
    public void hang() throws IOException {
        closing = true;
        in.transferTo(OutputStream.nullOutputStream());
    }

    private FakeWire text(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
        return this;
    }
}
