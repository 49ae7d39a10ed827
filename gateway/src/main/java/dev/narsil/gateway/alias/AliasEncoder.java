package dev.narsil.gateway.alias;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A range of the file of a NAR in an {@link EncodedForm}, computed from the NAR's first byte on. What is outside the range
 * is computed and dropped.
 */
public final class AliasEncoder implements AutoCloseable {

    private final Window window;
    private final OutputStream encoder;

    /** Begins bytes {@code from} to {@code from + length} of the file. */
    public AliasEncoder(EncodedForm form, long from, long length) throws IOException {
        window = new Window(from, length);
        encoder = form.encoder(window);
    }

    /** Whether all of the range was given out, so that no more of the NAR is needed. */
    public boolean isComplete() {
        return window.left == 0;
    }

    /** Takes the next bytes of the NAR and returns the next of the range, which may be none. */
    public byte[] encode(byte[] nar, int off, int len) throws IOException {
        encoder.write(nar, off, len);
        return window.take();
    }

    /** Ends the NAR and returns what is left of the range; fewer bytes than the range has if the file is shorter. */
    public byte[] finish() throws IOException {
        encoder.close();
        return window.take();
    }

    /** Gives up what is not finished. */
    @Override
    public void close() throws IOException {
        window.left = 0;
        encoder.close();
    }

    /** Keeps the bytes of the range until they are taken. */
    private static final class Window extends OutputStream {

        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private long skip;
        private long left;

        Window(long skip, long left) {
            this.skip = skip;
            this.left = left;
        }

        byte[] take() {
            byte[] bytes = kept.toByteArray();
            kept.reset();
            return bytes;
        }

        @Override
        public void write(int b) {
            if (skip > 0) {
                skip--;
            } else if (left > 0) {
                left--;
                kept.write(b);
            }
        }

        @Override
        public void write(byte[] data, int off, int len) {
            int skipped = (int) Math.min(skip, len);
            int count = (int) Math.min(left, len - skipped);
            skip -= skipped;
            left -= count;
            kept.write(data, off + skipped, count);
        }
    }
}
