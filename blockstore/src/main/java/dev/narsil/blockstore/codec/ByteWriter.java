package dev.narsil.blockstore.codec;

import java.util.Arrays;
import java.util.Objects;
import java.util.zip.Checksum;

/** Collects numbers and bytes in memory. */
public final class ByteWriter {

    private static final int INITIAL_CAPACITY = 256;

    private byte[] bytes = new byte[INITIAL_CAPACITY];
    private int size;

    /** Number of bytes so far. */
    public int size() {
        return size;
    }

    /** Appends one byte. */
    public ByteWriter u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /**
     * Appends a number in unsigned LEB128, one to nine bytes.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public ByteWriter varint(long value) {
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
    public ByteWriter bytes(byte[] source) {
        return bytes(source, 0, source.length);
    }

    /** Appends {@code length} bytes of {@code source} from {@code off} on. */
    public ByteWriter bytes(byte[] source, int off, int length) {
        Objects.checkFromIndexSize(off, length, source.length);
        room(length);
        System.arraycopy(source, off, bytes, size, length);
        size += length;
        return this;
    }

    /** Appends all that another writer has collected. */
    public ByteWriter bytes(ByteWriter other) {
        return bytes(other.bytes, 0, other.size);
    }

    /** Feeds a checksum with what was collected. */
    public void updateTo(Checksum checksum) {
        checksum.update(bytes, 0, size);
    }

    /** Returns a copy of what was collected. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Number of bytes that {@link #varint} takes for {@code value}, which is not negative. */
    public static int varintLength(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }

    private void room(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
    }
}
