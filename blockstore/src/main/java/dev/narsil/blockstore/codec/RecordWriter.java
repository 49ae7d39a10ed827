package dev.narsil.blockstore.codec;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Builds the bytes of one record of {@link dev.narsil.blockstore.codec}. */
public final class RecordWriter {

    private final ByteWriter record = new ByteWriter();

    /** Begins a record of this kind and version. */
    public RecordWriter(char kind, int version) {
        u8(kind);
        u8(version);
    }

    /** Appends one byte. */
    public RecordWriter u8(int value) {
        record.u8(value);
        return this;
    }

    /** Appends an unsigned number. */
    public RecordWriter varint(long value) {
        record.varint(value);
        return this;
    }

    /** Appends bytes as they are. */
    public RecordWriter bytes(byte[] source) {
        record.bytes(source);
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
        record.updateTo(crc);
        int sum = (int) crc.getValue();
        for (int i = 0; i < 4; i++) {
            u8(sum >>> (8 * i));
        }
        return record.toByteArray();
    }
}
