package dev.narsil.rewrite.hash;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;

/** A SHA-256 hash: of a NAR, of a file, of a block or of a recipe. Ordered by its unsigned bytes. */
public final class Sha256 implements Comparable<Sha256> {

    /** Length of a hash in bytes. */
    public static final int BYTES = 32;

    /** Length of a hash in nix-base32 characters. */
    public static final int BASE32_LENGTH = 52;

    private static final String PREFIX = "sha256:";
    private static final String SRI_PREFIX = "sha256-";
    private static final int HEX_LENGTH = 64;
    private static final int BASE64_LENGTH = 44;

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the hash with these 32 bytes, which are copied. */
    public static Sha256 of(byte[] bytes) {
        return of(bytes, 0);
    }

    /** Returns the hash with the 32 bytes at {@code off}, which are copied. */
    public static Sha256 of(byte[] bytes, int off) {
        Objects.checkFromIndexSize(off, BYTES, bytes.length);
        return new Sha256(Arrays.copyOfRange(bytes, off, off + BYTES));
    }

    /** Returns the hash of {@code len} bytes at {@code off}. */
    public static Sha256 hash(byte[] data, int off, int len) {
        MessageDigest digest = newDigest();
        digest.update(data, off, len);
        return finish(digest);
    }

    /** Returns the hash of all of {@code data}. */
    public static Sha256 hash(byte[] data) {
        return hash(data, 0, data.length);
    }

    /** Returns the hash of what {@code digest} was fed, and resets it. */
    public static Sha256 finish(MessageDigest digest) {
        byte[] bytes = digest.digest();
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("not a SHA-256 digest: " + digest.getAlgorithm());
        }
        return new Sha256(bytes);
    }

    /** Returns a fresh SHA-256 computation. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Reads a hash with its algorithm: {@code sha256:} and nix-base32, hex or base64, or the SRI form {@code sha256-}
     * and base64. The encoding is told by the length, as Nix does.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Sha256 parse(String text) {
        if (text.startsWith(SRI_PREFIX)) {
            return parseBase64(text, text.substring(SRI_PREFIX.length()));
        }
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("a hash starts with 'sha256:' or 'sha256-': '" + text + "'");
        }
        String digits = text.substring(PREFIX.length());
        return switch (digits.length()) {
            case BASE32_LENGTH -> parseBase32(digits);
            case HEX_LENGTH -> new Sha256(HexFormat.of().parseHex(digits));
            case BASE64_LENGTH -> parseBase64(text, digits);
            default ->
                throw new IllegalArgumentException(
                        "a SHA-256 has 52 (nix-base32), 64 (hex) or 44 (base64) characters, not " + digits.length());
        };
    }

    /**
     * Reads 52 characters of nix-base32 without a prefix, as in the names of NAR files.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Sha256 parseBase32(String text) {
        return new Sha256(NixBase32.decode(text, BYTES));
    }

    private static Sha256 parseBase64(String text, String digits) {
        byte[] bytes = Base64.getDecoder().decode(digits);
        if (digits.length() != BASE64_LENGTH || bytes.length != BYTES) {
            throw new IllegalArgumentException("not the base64 of a SHA-256: '" + text + "'");
        }
        return new Sha256(bytes);
    }

    /** Returns a copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Copies the 32 bytes into {@code target} at {@code off}. */
    public void copyTo(byte[] target, int off) {
        System.arraycopy(bytes, 0, target, off, BYTES);
    }

    /** Returns the 52 characters of nix-base32. */
    public String toBase32() {
        return NixBase32.encode(bytes);
    }

    /** Returns the 64 lower-case hex digits. */
    public String toHex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public int compareTo(Sha256 other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    /** Returns the form narinfos use: {@code sha256:} and nix-base32. */
    @Override
    public String toString() {
        return PREFIX + toBase32();
    }
}
