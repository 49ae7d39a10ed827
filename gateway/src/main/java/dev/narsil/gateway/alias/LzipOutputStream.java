package dev.narsil.gateway.alias;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/** Writes an lzip file of one member (draft-diaz-lzip, section 2). The dictionary is a power of two in size. */
final class LzipOutputStream extends OutputStream {

    private static final int HEADER_BYTES = 6;
    private static final int TRAILER_BYTES = 20;
    private static final byte VERSION = 1;

    private final OutputStream out;
    private final ByteCounter compressed;
    private final LZMAOutputStream encoder;
    private final CRC32 crc = new CRC32();
    private boolean closed;

    /** Begins a member. The options are those of lzip: lc=3, lp=0, pb=2. */
    LzipOutputStream(OutputStream out, LZMA2Options options) throws IOException {
        if (Integer.bitCount(options.getDictSize()) != 1
                || options.getLc() != 3
                || options.getLp() != 0
                || options.getPb() != 2) {
            throw new IllegalArgumentException("not options for lzip");
        }
        this.out = out;
        out.write(
                new byte[] {'L', 'Z', 'I', 'P', VERSION, (byte) Integer.numberOfTrailingZeros(options.getDictSize())});
        compressed = new ByteCounter(out);
        encoder = new LZMAOutputStream(compressed, options, true);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] data, int off, int len) throws IOException {
        encoder.write(data, off, len);
        crc.update(data, off, len);
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        encoder.finish();
        out.write(ByteBuffer.allocate(TRAILER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .putLong(encoder.getUncompressedSize())
                .putLong(HEADER_BYTES + compressed.count() + TRAILER_BYTES)
                .array());
        out.close();
    }
}
