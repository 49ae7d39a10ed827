package dev.narsil.gateway.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a brotli stream holds (RFC 7932). The library reads ahead of the end of the stream; it says so if that was past
 * the end of the file, and if something is left in its buffer when the file has ended.
 */
final class BrotliStream extends InputStream {

    private final Source source;
    private final BrotliInputStream decoder;

    BrotliStream(InputStream in) throws IOException {
        source = new Source(in);
        try {
            decoder = new BrotliInputStream(source);
        } catch (IOException e) {
            throw source.failure(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        try {
            return decoder.read(target, off, len);
        } catch (IndexOutOfBoundsException e) {
            throw new SourceException("not a brotli stream: " + e.getMessage());
        } catch (IOException e) {
            throw source.failure(e);
        }
    }

    /** The input, which keeps the error that the decoder wraps. */
    private static final class Source extends FilterInputStream {

        private @Nullable IOException error;

        Source(InputStream in) {
            super(in);
        }

        IOException failure(IOException decoding) {
            return error == null ? decoding : error;
        }

        @Override
        public int read(byte[] target, int off, int len) throws IOException {
            try {
                return super.read(target, off, len);
            } catch (IOException e) {
                error = e;
                throw e;
            }
        }
    }
}
