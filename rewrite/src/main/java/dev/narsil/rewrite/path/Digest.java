package dev.narsil.rewrite.path;

import dev.narsil.rewrite.hash.NixBase32;
import java.util.Arrays;
import java.util.Objects;

/** The hash part of a store path: 20 bytes, 32 nix-base32 characters. Ordered as its text is. */
public final class Digest implements Comparable<Digest> {

    /** Length in bytes. */
    public static final int BYTES = 20;

    /** Length in nix-base32 characters. */
    public static final int LENGTH = 32;

    private final byte[] bytes;

    private Digest(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the digest with the 20 bytes at {@code off}, which are copied. */
    public static Digest of(byte[] bytes, int off) {
        Objects.checkFromIndexSize(off, BYTES, bytes.length);
        return new Digest(Arrays.copyOfRange(bytes, off, off + BYTES));
    }

    /**
     * Reads the 32 characters of a digest.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Digest parse(String text) {
        return new Digest(NixBase32.decode(text, BYTES));
    }

    /** Returns a copy of the 20 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Copies the 20 bytes into {@code target} at {@code off}. */
    public void copyTo(byte[] target, int off) {
        System.arraycopy(bytes, 0, target, off, BYTES);
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Returns the 32 nix-base32 characters. */
    @Override
    public String toString() {
        return NixBase32.encode(bytes);
    }
}
