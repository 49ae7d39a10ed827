package dev.narsil.blockstore.ipfs.cid;

import dev.narsil.blockstore.codec.ByteReader;
import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** The content identifier of a block, as {@link dev.narsil.blockstore.ipfs.cid} specifies it. */
public final class Cid {

    /** Most bytes an identity CID can hold. */
    public static final int MAX_IDENTITY_BYTES = 128;

    /** Most bytes a CID has. */
    public static final int MAX_BYTES = 5 + MAX_IDENTITY_BYTES;

    /** Most characters the text of a CID has. */
    public static final int MAX_TEXT_LENGTH = 1 + (MAX_BYTES * 8 + 4) / 5;

    private static final String WHAT = "CID";
    private static final int SHA2_256 = 0x12;
    private static final int IDENTITY = 0x00;
    private static final int V0_BYTES = 2 + Sha256.BYTES;
    private static final int V0_TEXT_LENGTH = 46;

    private final Codec codec;
    private final byte[] bytes;
    private final int digestOffset;

    private Cid(Codec codec, byte[] bytes, int digestOffset) {
        this.codec = codec;
        this.bytes = bytes;
        this.digestOffset = digestOffset;
    }

    /** Returns the version 1 CID of the block in this codec with this hash. */
    public static Cid of(Codec codec, Sha256 hash) {
        byte[] bytes = new byte[4 + Sha256.BYTES];
        bytes[0] = 1;
        bytes[1] = (byte) codec.code();
        bytes[2] = SHA2_256;
        bytes[3] = Sha256.BYTES;
        hash.copyTo(bytes, 4);
        return new Cid(codec, bytes, 4);
    }

    /** Returns the version 1 CID of a block in this codec, which it hashes. */
    public static Cid hash(Codec codec, byte[] block) {
        return of(codec, Sha256.hash(block));
    }

    /**
     * Returns the CID that is itself the raw block of the {@code length} bytes at {@code off}.
     *
     * @throws IllegalArgumentException if they are more than {@link #MAX_IDENTITY_BYTES}
     */
    public static Cid identity(byte[] block, int off, int length) {
        if (length > MAX_IDENTITY_BYTES) {
            throw new IllegalArgumentException("an identity CID holds no " + length + " bytes");
        }
        ByteWriter writer =
                new ByteWriter().u8(1).u8(Codec.RAW.code()).u8(IDENTITY).varint(length);
        return new Cid(Codec.RAW, writer.bytes(block, off, length).toByteArray(), 3 + ByteWriter.varintLength(length));
    }

    /**
     * Reads the binary form.
     *
     * @throws FormatException if it is anything else
     */
    public static Cid decode(byte[] bytes) throws FormatException {
        ByteReader reader = new ByteReader(WHAT, bytes);
        Cid cid = read(reader);
        reader.finish();
        return cid;
    }

    /** Reads the binary form from the front of what {@code reader} has left. */
    public static Cid read(ByteReader reader) throws FormatException {
        int start = reader.position();
        if (reader.peek() == SHA2_256) {
            reader.skip(1);
            if (reader.u8() != Sha256.BYTES) {
                throw reader.corrupt("a CID of version 0 has 32 bytes of digest");
            }
            reader.skip(Sha256.BYTES);
            return new Cid(Codec.DAG_PB, reader.since(start), 2);
        }
        long version = reader.varint();
        if (version != 1) {
            throw reader.corrupt("a CID of version " + version);
        }
        Codec codec = codec(reader);
        long function = reader.varint();
        if (function != SHA2_256 && function != IDENTITY) {
            throw reader.corrupt("hash function 0x" + Long.toHexString(function) + " is not known");
        }
        long length = reader.varint();
        if (function == SHA2_256 ? length != Sha256.BYTES : length > MAX_IDENTITY_BYTES) {
            throw reader.corrupt("a digest of " + length + " bytes");
        }
        int digest = reader.position() - start;
        reader.skip((int) length);
        return new Cid(codec, reader.since(start), digest);
    }

    private static Codec codec(ByteReader reader) throws FormatException {
        long code = reader.varint();
        for (Codec codec : Codec.values()) {
            if (codec.code() == code) {
                return codec;
            }
        }
        throw reader.corrupt("codec 0x" + Long.toHexString(code) + " is not known");
    }

    /**
     * Reads the text.
     *
     * @throws FormatException if it is anything else
     */
    public static Cid parse(String text) throws FormatException {
        if (text.length() == V0_TEXT_LENGTH && text.startsWith("Qm")) {
            return decode(Base58.decode(text, V0_BYTES));
        }
        if (text.length() > MAX_TEXT_LENGTH) {
            throw new FormatException("CID is corrupt: it has " + text.length() + " characters");
        }
        if (!text.startsWith("b")) {
            throw new FormatException("CID is corrupt: it begins with neither 'b' nor \"Qm\"");
        }
        Cid cid = decode(Base32.decode(text, 1));
        if (cid.version() != 1) {
            throw new FormatException("CID is corrupt: version 0 is not written in base32");
        }
        return cid;
    }

    /** 0 or 1. */
    public int version() {
        return bytes[0] == 1 ? 1 : 0;
    }

    /** What the bytes of the block are. */
    public Codec codec() {
        return codec;
    }

    /** Tells whether the CID is itself the block, so that none is stored or sent. */
    public boolean isIdentity() {
        return version() == 1 && bytes[2] == IDENTITY;
    }

    /** The SHA-256 of the block; empty if the CID is itself the block. */
    public Optional<Sha256> sha256() {
        return isIdentity() ? Optional.empty() : Optional.of(Sha256.of(bytes, digestOffset));
    }

    /** The digest: the SHA-256 of the block, or the block. */
    public byte[] digest() {
        return Arrays.copyOfRange(bytes, digestOffset, bytes.length);
    }

    /** Length of the digest in bytes. */
    public int digestLength() {
        return bytes.length - digestOffset;
    }

    /** Tells whether the {@code length} bytes at {@code off} are the block. */
    public boolean isOf(byte[] block, int off, int length) {
        Objects.checkFromIndexSize(off, length, block.length);
        if (isIdentity()) {
            return Arrays.equals(bytes, digestOffset, bytes.length, block, off, off + length);
        }
        return Sha256.of(bytes, digestOffset).equals(Sha256.hash(block, off, length));
    }

    /** Length of the binary form in bytes. */
    public int length() {
        return bytes.length;
    }

    /** Appends the binary form. */
    public void writeTo(ByteWriter writer) {
        writer.bytes(bytes);
    }

    /** Returns a copy of the binary form. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cid that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Returns the text: base32 of version 1, base58 of version 0. */
    @Override
    public String toString() {
        return version() == 1 ? "b" + Base32.encode(bytes) : Base58.encode(bytes);
    }
}
