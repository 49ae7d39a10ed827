package dev.narsil.blockstore.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Reads one record of {@link dev.narsil.blockstore.codec}, strictly: everything in it must be used up. */
public final class RecordReader {

    private static final int OVERHEAD = 2 + 4;

    private final String what;
    private final byte[] bytes;
    private final int end;
    private int position = 2;

    /**
     * Opens a record and compares its checksum.
     *
     * @param what the record's name in messages, such as {@code "recipe"}
     * @param newest the newest version the caller knows
     * @throws FormatException if the record is too short, damaged, of another kind or of a newer version
     */
    public RecordReader(String what, char kind, int newest, byte[] bytes) throws FormatException {
        this.what = what;
        this.bytes = bytes;
        this.end = bytes.length - 4;
        if (bytes.length < OVERHEAD) {
            throw new FormatException(what + " is truncated: " + bytes.length + " bytes");
        }
        if (bytes[0] != kind) {
            throw corrupt("it begins with byte 0x" + Integer.toHexString(bytes[0] & 0xff));
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, end);
        int sum = 0;
        for (int i = 0; i < 4; i++) {
            sum |= (bytes[end + i] & 0xff) << (8 * i);
        }
        if ((int) crc.getValue() != sum) {
            throw corrupt("its checksum does not match");
        }
        if (version() == 0) {
            throw corrupt("it is of version 0");
        }
        if (version() > newest) {
            throw FormatException.newerVersion(what, version(), newest);
        }
    }

    /** The version the record was written in. */
    public int version() {
        return bytes[1] & 0xff;
    }

    /** Reads one byte. */
    public int u8() throws FormatException {
        need(1);
        return bytes[position++] & 0xff;
    }

    /** Reads an unsigned number. */
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

    /** Reads an unsigned number that is at most {@code max}. */
    public int varint(int max) throws FormatException {
        long value = varint();
        if (value > max) {
            throw corrupt("a number is " + value + ", at most " + max + " can be");
        }
        return (int) value;
    }

    /** Reads the count of elements that take at least {@code bytesEach} bytes each of what follows. */
    public int count(int bytesEach) throws FormatException {
        return varint((end - position) / bytesEach);
    }

    /** Reads bytes as they are. */
    public byte[] bytes(int length) throws FormatException {
        need(length);
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    /** Reads a string with its length. */
    public String string() throws FormatException {
        byte[] utf8 = bytes(count(1));
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw corrupt("a string is not UTF-8");
        }
    }

    /** Checks that nothing is left. */
    public void finish() throws FormatException {
        if (position != end) {
            throw corrupt((end - position) + " bytes are left over");
        }
    }

    /** Returns the error that says the record is damaged, and how. */
    public FormatException corrupt(String reason) {
        return new FormatException(what + " is corrupt: " + reason);
    }

    private void need(int count) throws FormatException {
        if (count < 0 || end - position < count) {
            throw corrupt("it ends early");
        }
    }
}
