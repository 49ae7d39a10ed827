package dev.narsil.blockstore;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.strip.SlotTable;

/**
 * What tells one NAR from the others of its recipe: the digests that fill its slots.
 *
 * @param recipe id of its recipe
 * @param narSize its length in bytes
 * @param slots its digests, in order of first occurrence
 */
public record NarEntry(Sha256 recipe, long narSize, SlotTable slots) {

    static final char KIND = 'N';
    static final int VERSION = 1;

    /** Returns the stored form, specified in {@link dev.narsil.blockstore}. */
    public byte[] encode() {
        byte[] digests = slots.toBytes();
        return new RecordWriter(KIND, VERSION)
                .bytes(recipe.bytes())
                .varint(narSize)
                .varint(digests.length / Digest.BYTES)
                .bytes(digests)
                .finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    public static NarEntry decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("nar entry", KIND, VERSION, bytes);
        Sha256 recipe = Sha256.of(reader.bytes(Sha256.BYTES));
        long narSize = reader.varint();
        byte[] digests = reader.bytes(reader.count(Digest.BYTES) * Digest.BYTES);
        reader.finish();
        try {
            return new NarEntry(recipe, narSize, SlotTable.of(digests));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }
}
