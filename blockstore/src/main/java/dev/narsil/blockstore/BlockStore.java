package dev.narsil.blockstore;

import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of a store are kept: tables of immutable values by key. Safe for use by many threads; every method may
 * block and may call native code.
 */
public interface BlockStore extends AutoCloseable {

    /** The tables. Keys and values are specified in {@link dev.narsil.blockstore}. */
    enum Table {
        BLOCK,
        PACK,
        RECIPE,
        NAR,
        PATH,
        ALIAS,
        OBJECT,
        TOKEN,
        REMOTE,
        UNCLAIMED,
        PUBLISHED,
        SHARED,
        INDEX,
        SUBSCRIPTION,
        DONATION,
        PIN_REQUEST,
        REPLICA
    }

    /** One value under its key; null where what is under the key goes. */
    @SuppressWarnings("ArrayRecordComponent")
    record Entry(Table table, byte[] key, byte @Nullable [] value) {}

    /** Receives the entries of a table. */
    interface Visitor {
        /** Hears of one entry. */
        void entry(byte[] key, byte[] value) throws IOException;
    }

    /** Hears that long work goes on, and may end it. */
    interface Step {
        /** Hears of a step of the work. */
        void next() throws StoreException;
    }

    /** What the files of a store take on disk, in bytes: those that hold packs, and all others. */
    record DiskUsage(long packBytes, long otherBytes) {}

    /**
     * What the engine holds in memory outside the heap, in bytes.
     *
     * @param blockCache pages of tables, their indexes and filters
     * @param memtables what was written and is not yet in files
     * @param tableReaders what open tables hold besides the block cache
     */
    record MemoryUse(long blockCache, long memtables, long tableReaders) {

        /** Of an engine that holds nothing outside the heap. */
        public static final MemoryUse NONE = new MemoryUse(0, 0, 0);
    }

    /** The store directory its paths lie in. */
    StoreDir storeDir();

    /** The bounds of its blocks. */
    ChunkerParameters chunker();

    /** Returns a value, or null if the table has none under this key. */
    byte @Nullable [] get(Table table, byte[] key) throws StoreException;

    /** Returns the values under {@code keys}, in their order, with null where there is none. */
    List<byte @Nullable []> getAll(Table table, List<byte[]> keys) throws StoreException;

    /** Visits a table in the order of its keys, as it is at the time of the call. Packs are not scanned but read by number. */
    void scan(Table table, Visitor visitor) throws IOException;

    /** Visits, as {@link #scan(Table, Visitor)}, at most {@code limit} entries from key {@code from} on. */
    void scan(Table table, byte[] from, long limit, Visitor visitor) throws IOException;

    /** Number of entries of a table, estimated at little cost. */
    long approximateCount(Table table) throws StoreException;

    /** A number above those of all packs ever committed. */
    long nextPack() throws StoreException;

    /**
     * Stores entries for good, in their order: when this returns, they survive a crash. Packs become durable before anything
     * else becomes visible, and the entries of all other tables become visible together or not at all.
     */
    void commit(List<Entry> entries) throws StoreException;

    /**
     * Gives the space of deleted packs back to the file system, where enough has gathered to be worth the work.
     *
     * @param stored the numbers of packs that are there, of those below the last that was deleted
     * @param step called now and then; what it throws ends the work, which harms nothing
     */
    void reclaimPacks(BitSet stored, Step step) throws StoreException;

    /** Compares the engine's own checksums, which do not cover packs. */
    void verifyChecksums() throws StoreException;

    /** Measures the files. */
    DiskUsage diskUsage() throws IOException;

    /** Asks the engine what it holds in memory; cheap. */
    default MemoryUse memory() throws StoreException {
        return MemoryUse.NONE;
    }

    @Override
    void close() throws StoreException;
}
