package dev.narsil.blockstore.ipfs.dagcbor;

import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.nio.charset.StandardCharsets;

/**
 * Builds one value of dag-cbor from front to back. The caller announces the entries of a map and writes them in
 * canonical order; that it does is checked.
 */
public final class CborWriter {

    private static final int LINK_TAG = 42;

    private final ByteWriter out = new ByteWriter();
    private final Nesting<IllegalStateException> nesting = new Nesting<>(IllegalStateException::new);

    /** Begins a map of this many entries, each a {@link #key} and a value. */
    public CborWriter map(int entries) {
        nesting.value();
        head(5, entries);
        nesting.open(true, entries);
        return this;
    }

    /** Writes the key of the next entry. */
    public CborWriter key(String key) {
        byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
        nesting.key(utf8);
        head(3, utf8.length);
        out.bytes(utf8);
        return this;
    }

    /** Begins an array of this many values. */
    public CborWriter array(int values) {
        nesting.value();
        head(4, values);
        nesting.open(false, values);
        return this;
    }

    /** Writes an integer. */
    public CborWriter integer(long value) {
        nesting.value();
        head(value < 0 ? 1 : 0, value < 0 ? ~value : value);
        return this;
    }

    /** Writes a text. */
    public CborWriter text(String text) {
        nesting.value();
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        head(3, utf8.length);
        out.bytes(utf8);
        return this;
    }

    /** Writes bytes. */
    public CborWriter bytes(byte[] bytes) {
        nesting.value();
        head(2, bytes.length);
        out.bytes(bytes);
        return this;
    }

    /** Writes a link. */
    public CborWriter link(Cid cid) {
        nesting.value();
        head(6, LINK_TAG);
        head(2, 1 + cid.length());
        out.u8(0);
        cid.writeTo(out);
        return this;
    }

    /** Writes a boolean. */
    public CborWriter bool(boolean value) {
        nesting.value();
        head(7, value ? 21 : 20);
        return this;
    }

    /** Writes null. */
    public CborWriter nothing() {
        nesting.value();
        head(7, 22);
        return this;
    }

    /**
     * Returns the block.
     *
     * @throws IllegalStateException if the value is not complete
     */
    public byte[] finish() {
        nesting.finish();
        return out.toByteArray();
    }

    private void head(int major, long argument) {
        int type = major << 5;
        if (argument < 24) {
            out.u8(type | (int) argument);
            return;
        }
        int log = argument < 1L << 8 ? 0 : argument < 1L << 16 ? 1 : argument < 1L << 32 ? 2 : 3;
        out.u8(type | (24 + log));
        for (int shift = (8 << log) - 8; shift >= 0; shift -= 8) {
            out.u8((int) (argument >>> shift));
        }
    }
}
