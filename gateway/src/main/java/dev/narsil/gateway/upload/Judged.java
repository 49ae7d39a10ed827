package dev.narsil.gateway.upload;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The output of a decoder that reads a body: what the decoder objects to is the client's fault, unless the client is gone. */
final class Judged extends FilterInputStream {

    private final BodyPipe body;
    private final String what;

    private Judged(BodyPipe body, InputStream decoded, String what) {
        super(decoded);
        this.body = body;
        this.what = what;
    }

    /** Opens a decoder of a stream, which may read it. */
    interface Decoder {
        InputStream open(InputStream coded) throws IOException;
    }

    /**
     * Opens a decoder of {@code body}.
     *
     * @param coded where its bytes come from
     */
    @MustBeClosed
    static InputStream open(BodyPipe body, InputStream coded, String what, Decoder decoder) throws IOException {
        try {
            return new Judged(body, decoder.open(coded), what);
        } catch (IOException | RuntimeException e) {
            throw refusal(body, e, what);
        }
    }

    private static IOException refusal(BodyPipe body, Exception cause, String what) {
        if (cause instanceof BodyLostException lost) {
            return lost;
        }
        if (cause instanceof RefusedException refused) {
            return refused;
        }
        if (body.isLost()) {
            return new BodyLostException("the rest of the body did not come");
        }
        return new RefusedException(Verdict.malformed(what + ": " + cause.getMessage()));
    }

    @Override
    public int read() throws IOException {
        try {
            return super.read();
        } catch (IOException | RuntimeException e) {
            throw refusal(body, e, what);
        }
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        try {
            return super.read(target, off, len);
        } catch (IOException | RuntimeException e) {
            throw refusal(body, e, what);
        }
    }
}
