package dev.narsil.gateway.kubo;

import dev.narsil.gateway.source.HttpBody;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a daemon answers. To be read by one thread. */
final class Answer extends InputStream {

    /** Longest text of an error. */
    private static final int MAX_ERROR_BYTES = 64 << 10;

    private static final String LATE_ERROR = "X-Stream-Error";
    private static final int OK = 200;

    private final Rpc rpc;
    private final Exchange exchange;
    private final Command command;
    private final HttpBody body;
    private final int status;
    private final boolean ran;

    Answer(Rpc rpc, Exchange exchange, Command command, HttpClientResponse response, HttpBody body) {
        this.rpc = rpc;
        this.exchange = exchange;
        this.command = command;
        this.body = body;
        this.status = response.statusCode();
        this.ran = response.getHeader("Content-Type") != null;
    }

    /** Checks that the command ran and did not fail before its first output. */
    void expectOk() throws IOException {
        if (status == OK && ran) {
            return;
        }
        String text = new String(readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8).strip();
        throw switch (status) {
            case OK -> unintelligible("an empty answer: the command did not run");
            case 403 ->
                new KuboException(
                        KuboException.Kind.REFUSED,
                        command + ": " + rpc.daemon() + " refuses: "
                                + (rpc.hasSecret()
                                        ? "the secret is not the right one, or not one for this command"
                                        : "it wants a secret (API.Authorizations), and none is configured"));
            case 404 ->
                new KuboException(
                        KuboException.Kind.UNKNOWN_COMMAND, command + ": not known to " + rpc.daemon() + ": " + text);
            case 400, 500 -> KuboException.failed(command, "", message(text));
            default -> unintelligible("HTTP status " + status);
        };
    }

    /** Returns the message of an error, which is JSON if the command made it and text if not. */
    private static String message(String text) {
        try {
            if (text.startsWith("{") && new JsonObject(text).getValue("Message") instanceof String message) {
                return message;
            }
        } catch (DecodeException e) {
            return text;
        }
        return text;
    }

    KuboException unintelligible(String reason) {
        return new KuboException(
                KuboException.Kind.UNINTELLIGIBLE,
                command + ": " + rpc.daemon() + ": not what Kubo answers: " + reason);
    }

    /** Returns what the daemon says of a failure, after words of our own. */
    KuboException failed(String what, String text) {
        return KuboException.failed(command, what, text);
    }

    /** Reads the answer as one JSON object of at most {@code maxBytes}. */
    JsonFields object(int maxBytes) throws IOException {
        return JsonFields.parse(bytes(maxBytes), this::unintelligible);
    }

    /** Begins to read the answer as JSON objects in lines. */
    JsonLines lines() {
        return new JsonLines(this, this::unintelligible);
    }

    /** Reads the whole answer. */
    byte[] bytes(int maxBytes) throws IOException {
        byte[] bytes = readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw unintelligible("more than " + maxBytes + " bytes");
        }
        return bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads on.
     *
     * @throws KuboException if the connection broke, it took too long, or the daemon says at the end that it failed
     */
    @Override
    public int read(byte[] target, int off, int length) throws IOException {
        int read;
        try {
            read = body.read(target, off, length);
        } catch (IOException e) {
            throw exchange.failure(e);
        }
        String error = read < 0 ? body.trailer(LATE_ERROR) : null;
        if (error != null) {
            throw KuboException.failed(command, "", error);
        }
        return read;
    }

    @Override
    public void close() {
        body.close();
    }
}
