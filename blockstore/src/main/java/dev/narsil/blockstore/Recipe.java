package dev.narsil.blockstore;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.strip.HoleTable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What turns blocks back into a stripped NAR and marks its holes. It names no digest, so all rebuilds that differ in digests
 * alone share it. The format is specified in {@link dev.narsil.blockstore}.
 */
public final class Recipe {

    static final char KIND = 'R';
    static final int VERSION = 1;

    /**
     * Most blocks of a NAR: some 60 GB of ordinary content. Bounds the memory that taking a NAR in and opening it take.
     */
    static final int MAX_BLOCKS = 1 << 21;

    private static final int FLAG_OPAQUE = 1;
    private static final int MAX_BLOCK_BYTES = 1 << 24;

    private final boolean opaque;
    private final long narSize;
    private final byte[] ids;
    private final int[] lengths;
    private final HoleTable holes;
    private final int slots;

    private Recipe(boolean opaque, long narSize, byte[] ids, int[] lengths, HoleTable holes, int slots) {
        this.opaque = opaque;
        this.narSize = narSize;
        this.ids = ids;
        this.lengths = lengths;
        this.holes = holes;
        this.slots = slots;
    }

    /**
     * Collects the blocks of a recipe in order. One thread does; others may ask meanwhile what was collected so far, which is what
     * an ingest relies on.
     */
    static final class Builder {
        private byte[] ids = new byte[64 * Sha256.BYTES];
        private int[] lengths = new int[64];
        private int blocks;
        private long narSize;
        private @Nullable Sha256 recipeId;

        synchronized void add(Sha256 id, int length) throws StoreException {
            if (blocks == MAX_BLOCKS) {
                throw new StoreException(
                        StoreException.Kind.FAILED,
                        "the NAR has more than " + MAX_BLOCKS + " blocks, the most one may have");
            }
            if (blocks == lengths.length) {
                lengths = Arrays.copyOf(lengths, blocks * 2);
                ids = Arrays.copyOf(ids, blocks * 2 * Sha256.BYTES);
            }
            id.copyTo(ids, blocks * Sha256.BYTES);
            lengths[blocks++] = length;
            narSize += length;
        }

        /** Notes the id of the recipe built. */
        synchronized void identified(Sha256 id) {
            recipeId = id;
        }

        /** Adds all ids there are to {@code filter}. */
        synchronized void noteIn(IdFilter filter) {
            for (int i = 0; i < blocks; i++) {
                filter.add(ids, i * Sha256.BYTES);
            }
            if (recipeId != null) {
                filter.add(recipeId);
            }
        }

        synchronized Recipe build(boolean opaque, HoleTable holes, int slots) {
            return new Recipe(
                    opaque,
                    narSize,
                    Arrays.copyOf(ids, blocks * Sha256.BYTES),
                    Arrays.copyOf(lengths, blocks),
                    holes,
                    slots);
        }
    }

    /** Returns the stored form. Its SHA-256 is the recipe's id. */
    byte[] encode() {
        RecordWriter writer = new RecordWriter(KIND, VERSION);
        writer.u8(opaque ? FLAG_OPAQUE : 0)
                .varint(narSize)
                .varint(lengths.length)
                .bytes(ids);
        for (int length : lengths) {
            writer.varint(length);
        }
        writer.varint(slots).varint(holes.size());
        long end = 0;
        for (int i = 0; i < holes.size(); i++) {
            writer.varint(holes.offset(i) - end);
            end = holes.offset(i) + Digest.LENGTH;
        }
        for (int i = 0; i < holes.size(); i++) {
            writer.varint(holes.slot(i));
        }
        return writer.finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static Recipe decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("recipe", KIND, VERSION, bytes);
        int flags = reader.u8();
        if (flags > FLAG_OPAQUE) {
            throw reader.corrupt("flags " + flags);
        }
        long narSize = reader.varint();
        int blocks = reader.count(Sha256.BYTES + 1);
        if (blocks > MAX_BLOCKS) {
            throw reader.corrupt("it has " + blocks + " blocks");
        }
        byte[] ids = reader.bytes(blocks * Sha256.BYTES);
        int[] lengths = new int[blocks];
        long sum = 0;
        for (int i = 0; i < blocks; i++) {
            lengths[i] = reader.varint(MAX_BLOCK_BYTES);
            sum += lengths[i];
            if (lengths[i] == 0) {
                throw reader.corrupt("block " + i + " is empty");
            }
        }
        if (sum != narSize) {
            throw reader.corrupt("its blocks have " + sum + " bytes, the NAR " + narSize);
        }
        int slots = reader.varint(Integer.MAX_VALUE);
        HoleTable holes = decodeHoles(reader, narSize, slots);
        reader.finish();
        return new Recipe(flags == FLAG_OPAQUE, narSize, ids, lengths, holes, slots);
    }

    private static HoleTable decodeHoles(RecordReader reader, long narSize, int slots) throws FormatException {
        int count = reader.count(2);
        if (count > HoleTable.MAX_HOLES) {
            throw reader.corrupt("it has " + count + " holes");
        }
        long[] offsets = new long[count];
        long end = 0;
        for (int i = 0; i < count; i++) {
            long gap = reader.varint();
            if (gap > narSize - end - Digest.LENGTH) {
                throw reader.corrupt("hole " + i + " lies beyond the end");
            }
            offsets[i] = end + gap;
            end = offsets[i] + Digest.LENGTH;
        }
        HoleTable holes = new HoleTable();
        int seen = 0;
        for (int i = 0; i < count; i++) {
            int slot = reader.varint(seen);
            seen = Math.max(seen, slot + 1);
            holes.add(offsets[i], slot);
        }
        if (seen != slots) {
            throw reader.corrupt("it uses " + seen + " slots and announces " + slots);
        }
        return holes;
    }

    /** Tells whether another recipe makes the same bytes in the same way. */
    boolean sameAs(Recipe other) {
        if (opaque != other.opaque
                || slots != other.slots
                || holes.size() != other.holes.size()
                || !Arrays.equals(ids, other.ids)
                || !Arrays.equals(lengths, other.lengths)) {
            return false;
        }
        for (int i = 0; i < holes.size(); i++) {
            if (holes.offset(i) != other.holes.offset(i) || holes.slot(i) != other.holes.slot(i)) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether the NAR is not one as Nix writes it, and so was cut without regard to files. */
    public boolean opaque() {
        return opaque;
    }

    /** Length of the NAR in bytes. */
    public long narSize() {
        return narSize;
    }

    /** Kibibytes of memory this takes, rounded up. */
    int memoryKib() {
        return (int) ((lengths.length * (long) (Sha256.BYTES + Integer.BYTES)
                                + holes.size() * (long) (Long.BYTES + Integer.BYTES))
                        / 1024)
                + 1;
    }

    /** Number of blocks. */
    public int blocks() {
        return lengths.length;
    }

    /** Id of block {@code i}. */
    public Sha256 id(int i) {
        return Sha256.of(ids, i * Sha256.BYTES);
    }

    /** Length of block {@code i} in bytes. */
    public int length(int i) {
        return lengths[i];
    }

    /** Adds all block ids to {@code filter}. */
    void noteBlocksIn(IdFilter filter) {
        for (int i = 0; i < lengths.length; i++) {
            filter.add(ids, i * Sha256.BYTES);
        }
    }

    /** All block ids, 32 bytes each: shared, not to be written to. */
    byte[] ids() {
        return ids;
    }

    /** Where digests stood. */
    public HoleTable holes() {
        return holes;
    }

    /** Number of distinct digests. */
    public int slots() {
        return slots;
    }
}
