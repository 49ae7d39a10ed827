package dev.narsil.blockstore.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Builds the bytes of one record of {@link dev.narsil.blockstore.codec}. */
public final class RecordWriter {

    private byte[] bytes = new byte[256];
    private int size;

    /** Begins a record of this kind and version. */
    public RecordWriter(char kind, int version) {
        u8(kind);
        u8(version);
    }

    /** Appends one byte. */
    public RecordWriter u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Appends an unsigned number. */
    public RecordWriter varint(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("a varint is not negative: " + value);
        }
        room(9);
        long rest = value;
        while (rest >= 0x80) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** Appends bytes as they are. */
    public RecordWriter bytes(byte[] source) {
        room(source.length);
        System.arraycopy(source, 0, bytes, size, source.length);
        size += source.length;
        return this;
    }

    /** Appends a string with its length. */
    public RecordWriter string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return varint(utf8.length).bytes(utf8);
    }

    /** Returns the record with its checksum. */
    public byte[] finish() {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, size);
        int sum = (int) crc.getValue();
        for (int i = 0; i < 4; i++) {
            u8(sum >>> (8 * i));
        }
        return Arrays.copyOf(bytes, size);
    }

    private void room(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
    }
}
