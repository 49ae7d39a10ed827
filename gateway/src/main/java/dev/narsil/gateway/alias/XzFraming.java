package dev.narsil.gateway.alias;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * One stream of one block of LZMA2 uncompressed chunks, without a check of the contents, as any would need a pass over
 * them (The .xz File Format 1.2.1).
 */
final class XzFraming implements Framing {

    private static final byte[] STREAM_MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
    private static final byte[] FOOTER_MAGIC = {'Y', 'Z'};

    /** Flags of a stream whose blocks have no check. */
    private static final byte[] STREAM_FLAGS = {0, 0};

    /** 12 bytes long, one filter, no sizes; LZMA2 with one byte of properties: a dictionary of 64 KiB; padding. */
    private static final byte[] BLOCK_HEADER = {2, 0, 0x21, 1, 8, 0, 0, 0};

    private static final int BLOCK_HEADER_BYTES = BLOCK_HEADER.length + Integer.BYTES;
    private static final int CHUNK_RESETS_DICTIONARY = 1;
    private static final int CHUNK = 2;
    private static final int END_OF_BLOCK = 0;
    private static final int HEADER_BYTES = 3;

    @Override
    public byte[] head(long narSize) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(STREAM_MAGIC);
        out.writeBytes(STREAM_FLAGS);
        out.writeBytes(crc(STREAM_FLAGS));
        out.writeBytes(BLOCK_HEADER);
        out.writeBytes(crc(BLOCK_HEADER));
        return out.toByteArray();
    }

    @Override
    public int headerLength() {
        return HEADER_BYTES;
    }

    @Override
    public byte[] header(boolean first, boolean last, int size) {
        int written = size - 1;
        return new byte[] {(byte) (first ? CHUNK_RESETS_DICTIONARY : CHUNK), (byte) (written >> 8), (byte) written};
    }

    @Override
    public byte[] tail(long narSize, long chunks, int crc32) {
        long unpadded = BLOCK_HEADER_BYTES + narSize + chunks * HEADER_BYTES + 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(END_OF_BLOCK);
        out.writeBytes(new byte[padding(unpadded)]);
        byte[] index = index(unpadded, narSize);
        out.writeBytes(index);
        out.writeBytes(crc(index));
        byte[] footer = ByteBuffer.allocate(Integer.BYTES + STREAM_FLAGS.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((index.length + Integer.BYTES) / 4 - 1)
                .put(STREAM_FLAGS)
                .array();
        out.writeBytes(crc(footer));
        out.writeBytes(footer);
        out.writeBytes(FOOTER_MAGIC);
        return out.toByteArray();
    }

    private static byte[] index(long unpadded, long uncompressed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        number(1, out);
        number(unpadded, out);
        number(uncompressed, out);
        out.writeBytes(new byte[padding(out.size())]);
        return out.toByteArray();
    }

    private static void number(long value, ByteArrayOutputStream out) {
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /** Returns how many bytes are missing to a multiple of four. */
    private static int padding(long length) {
        return (int) (-length & 3);
    }

    private static byte[] crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .array();
    }
}
