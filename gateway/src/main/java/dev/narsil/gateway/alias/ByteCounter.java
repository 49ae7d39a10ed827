package dev.narsil.gateway.alias;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Counts the bytes that pass. */
final class ByteCounter extends FilterOutputStream {

    private long count;

    ByteCounter(OutputStream out) {
        super(out);
    }

    long count() {
        return count;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        count++;
    }

    @Override
    public void write(byte[] data, int off, int len) throws IOException {
        out.write(data, off, len);
        count += len;
    }
}
