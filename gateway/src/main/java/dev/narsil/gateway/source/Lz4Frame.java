package dev.narsil.gateway.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;

/** What one lz4 frame holds, of which the library takes a block that holds nothing for the end. */
final class Lz4Frame extends InputStream {

    private static final int MAGIC_BYTES = 4;
    private static final int SKIPPABLE_MAGIC = 0x184d2a50;
    private static final int SKIPPABLE_MASK = 0xfffffff0;

    private final FramedLZ4CompressorInputStream frame;

    private Lz4Frame(FramedLZ4CompressorInputStream frame) {
        this.frame = frame;
    }

    /** Returns what the frame holds that begins at {@code in}; nothing if it is a frame to be skipped. */
    static InputStream at(InputStream in) throws IOException {
        in.mark(MAGIC_BYTES);
        if ((number(in) & SKIPPABLE_MASK) == SKIPPABLE_MAGIC) {
            skip(in, Integer.toUnsignedLong(number(in)));
            return InputStream.nullInputStream();
        }
        in.reset();
        return new Lz4Frame(new FramedLZ4CompressorInputStream(in, false));
    }

    private static int number(InputStream in) throws IOException {
        return ByteBuffer.wrap(MemberInputStream.bytes(in, 4))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }

    private static void skip(InputStream in, long bytes) throws IOException {
        try {
            in.skipNBytes(bytes);
        } catch (EOFException e) {
            throw new EOFException("the compressed data ends early");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        while (true) {
            long before = frame.getCompressedCount();
            int read = frame.read(target, off, len);
            if (read >= 0 || frame.getCompressedCount() == before) {
                return read;
            }
        }
    }
}
