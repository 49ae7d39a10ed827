package dev.narsil.blockstore.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Reads numbers and bytes from a part of an array, strictly, and never beyond its end. */
public final class ByteReader {

    private final String what;
    private final byte[] bytes;
    private final int start;
    private final int end;
    private int position;

    /** A reader of all of {@code bytes}, which are named {@code what} in messages. */
    public ByteReader(String what, byte[] bytes) {
        this(what, bytes, 0, bytes.length);
    }

    /** A reader of the bytes from {@code start} to {@code end}, which are named {@code what} in messages. */
    public ByteReader(String what, byte[] bytes, int start, int end) {
        Objects.checkFromToIndex(start, end, bytes.length);
        this.what = what;
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.position = start;
    }

    /** Index in the array of the next byte. */
    public int position() {
        return position;
    }

    /** Number of bytes left. */
    public int remaining() {
        return end - position;
    }

    /** Returns the next byte without reading it, or -1 at the end. */
    public int peek() {
        return position == end ? -1 : bytes[position] & 0xff;
    }

    /** Returns the bytes read since {@link #position()} was {@code from}. */
    public byte[] since(int from) {
        return Arrays.copyOfRange(bytes, from, position);
    }

    /** Reads one byte. */
    public int u8() throws FormatException {
        need(1);
        return bytes[position++] & 0xff;
    }

    /** Reads an unsigned LEB128 number of at most nine bytes in its shortest form. */
    public long varint() throws FormatException {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int b = u8();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (b == 0 && shift > 0) {
                    throw corrupt("a number is not in its shortest form");
                }
                return value;
            }
        }
        throw corrupt("a number is too long");
    }

    /** Reads a {@link #varint()} that is at most {@code max}. */
    public int varint(int max) throws FormatException {
        long value = varint();
        if (value > max) {
            throw corrupt("a number is " + value + ", at most " + max + " can be");
        }
        return (int) value;
    }

    /** Reads the count of elements that take at least {@code bytesEach} bytes each of what follows. */
    public int count(int bytesEach) throws FormatException {
        return varint(remaining() / bytesEach);
    }

    /** Reads bytes as they are. */
    public byte[] bytes(int length) throws FormatException {
        skip(length);
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    /** Passes over bytes. */
    public void skip(int length) throws FormatException {
        need(length);
        position += length;
    }

    /** Reads this many bytes of UTF-8. */
    public String utf8(int length) throws FormatException {
        skip(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, position - length, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw corrupt("a string is not UTF-8");
        }
    }

    /** Checks that nothing is left. */
    public void finish() throws FormatException {
        if (position != end) {
            throw corrupt(remaining() + " bytes are left over");
        }
    }

    /** Returns the error that says the bytes are damaged, where and how. */
    public FormatException corrupt(String reason) {
        return new FormatException(what + " is corrupt at byte " + (position - start) + ": " + reason);
    }

    private void need(int count) throws FormatException {
        if (count < 0 || remaining() < count) {
            throw corrupt("it ends early");
        }
    }
}
