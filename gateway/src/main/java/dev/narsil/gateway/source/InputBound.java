package dev.narsil.gateway.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The input of a decoder, of which one read of the output may take only so much. */
final class InputBound extends FilterInputStream {

    private final int bound;
    private int taken;

    InputBound(InputStream in, int bound) {
        super(in);
        this.bound = bound;
    }

    /** Returns {@code decoded} with each read of it counted anew. */
    InputStream of(InputStream decoded) {
        return new FilterInputStream(decoded) {
            @Override
            public int read() throws IOException {
                taken = 0;
                return super.read();
            }

            @Override
            public int read(byte[] target, int off, int len) throws IOException {
                taken = 0;
                return super.read(target, off, Math.min(len, bound / 2));
            }
        };
    }

    @Override
    public int read() throws IOException {
        count(1);
        return super.read();
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        int read = super.read(target, off, len);
        count(Math.max(0, read));
        return read;
    }

    private void count(int bytes) throws SourceException {
        taken += bytes;
        if (taken > bound) {
            throw new SourceException("more than " + bound + " compressed bytes from which nothing comes out");
        }
    }
}
