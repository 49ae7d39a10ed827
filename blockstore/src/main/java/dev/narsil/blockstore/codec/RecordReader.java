package dev.narsil.blockstore.codec;

import java.util.zip.CRC32C;

/** Reads one record of {@link dev.narsil.blockstore.codec}, strictly: everything in it must be used up. */
public final class RecordReader {

    private static final int OVERHEAD = 2 + 4;

    private final String what;
    private final byte[] bytes;
    private final ByteReader body;

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
        if (bytes.length < OVERHEAD) {
            throw new FormatException(what + " is truncated: " + bytes.length + " bytes");
        }
        int end = bytes.length - 4;
        this.body = new ByteReader(what, bytes, 2, end);
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
        return body.u8();
    }

    /** Reads an unsigned number. */
    public long varint() throws FormatException {
        return body.varint();
    }

    /** Reads an unsigned number that is at most {@code max}. */
    public int varint(int max) throws FormatException {
        return body.varint(max);
    }

    /** Reads the count of elements that take at least {@code bytesEach} bytes each of what follows. */
    public int count(int bytesEach) throws FormatException {
        return body.count(bytesEach);
    }

    /** Reads bytes as they are. */
    public byte[] bytes(int length) throws FormatException {
        return body.bytes(length);
    }

    /** Reads a string with its length. */
    public String string() throws FormatException {
        return body.utf8(body.count(1));
    }

    /** Checks that nothing is left. */
    public void finish() throws FormatException {
        body.finish();
    }

    /** Returns the error that says the record is damaged, and how. */
    public FormatException corrupt(String reason) {
        return new FormatException(what + " is corrupt: " + reason);
    }
}
