package dev.narsil.gateway.alias;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.hash.Sha256;
import java.time.Instant;

/**
 * What is served under the name of a file that a client uploaded: a NAR, in the compression of that file but with bytes of
 * our own. {@link AliasMeter} makes one.
 *
 * @param compression the compression of both files
 * @param version the version of the {@link AliasForm} that it is written in
 * @param narHash the NAR
 * @param narSize the NAR's length in bytes
 * @param length the length in bytes of the file that is served
 * @param uploadedLength the length in bytes of the file that the client uploaded
 * @param crc32 CRC-32 of the NAR
 * @param toldSeconds when a client was last told that the file is here, in seconds since 1970
 */
public record Alias(
        Compression compression,
        int version,
        Sha256 narHash,
        long narSize,
        long length,
        long uploadedLength,
        int crc32,
        long toldSeconds) {

    static final char KIND = 'A';
    static final int VERSION = 1;

    private static final int MAX_FORM_VERSION = 255;

    /** Checks the sizes. */
    public Alias {
        StoredForm.requireSize(narSize);
        if (version <= 0 || version > MAX_FORM_VERSION) {
            throw new IllegalArgumentException("version " + version);
        }
        if (length <= 0) {
            throw new IllegalArgumentException("length " + length);
        }
        if (uploadedLength <= 0) {
            throw new IllegalArgumentException("uploaded length " + uploadedLength);
        }
        if (toldSeconds < 0) {
            throw new IllegalArgumentException("told before 1970: " + toldSeconds);
        }
        if (AliasForm.of(compression) instanceof StoredForm form
                && version == form.version()
                && length != form.length(narSize)) {
            throw new IllegalArgumentException("length " + length + " instead of " + form.length(narSize));
        }
    }

    /** Returns this with the time at which another client was told of it. */
    Alias told(Instant when) {
        return new Alias(compression, version, narHash, narSize, length, uploadedLength, crc32, when.getEpochSecond());
    }

    /** Returns the stored form, specified in {@link dev.narsil.gateway.alias}. */
    public byte[] encode() {
        return new RecordWriter(KIND, VERSION)
                .string(compression.toString())
                .u8(version)
                .bytes(narHash.bytes())
                .varint(narSize)
                .varint(length)
                .varint(uploadedLength)
                .varint(Integer.toUnsignedLong(crc32))
                .varint(toldSeconds)
                .finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    public static Alias decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("alias", KIND, VERSION, bytes);
        String compression = reader.string();
        int version = reader.u8();
        Sha256 narHash = Sha256.of(reader.bytes(Sha256.BYTES));
        long narSize = reader.varint();
        long length = reader.varint();
        long uploadedLength = reader.varint();
        long crc32 = reader.varint();
        long told = reader.varint();
        reader.finish();
        if (crc32 >>> Integer.SIZE != 0) {
            throw reader.corrupt("a CRC-32 is " + crc32);
        }
        try {
            return new Alias(
                    Compression.of(compression), version, narHash, narSize, length, uploadedLength, (int) crc32, told);
        } catch (SourceException | IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }
}
