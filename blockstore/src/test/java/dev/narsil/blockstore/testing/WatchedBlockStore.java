package dev.narsil.blockstore.testing;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block store that lets a test look at every commit before it happens, hold it up, or make it fail; a look-up too.
 */
public final class WatchedBlockStore implements BlockStore {

    private final BlockStore store;
    private final Watch watch;

    /** Hears of what is done to the store before it happens. */
    public interface Watch {
        /**
         * Hears of a commit.
         *
         * @param store what the commit goes to
         * @throws StoreException to make it fail without a trace
         */
        void commit(BlockStore store, List<Entry> entries) throws StoreException;

        /**
         * Hears that a record of this table is looked up.
         *
         * @throws StoreException to make that fail
         */
        default void get(Table table) throws StoreException {}
    }

    public WatchedBlockStore(BlockStore store, Watch watch) {
        this.store = store;
        this.watch = watch;
    }

    @Override
    public StoreDir storeDir() {
        return store.storeDir();
    }

    @Override
    public ChunkerParameters chunker() {
        return store.chunker();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) throws StoreException {
        watch.get(table);
        return store.get(table, key);
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) throws StoreException {
        return store.getAll(table, keys);
    }

    @Override
    public void scan(Table table, Visitor visitor) throws IOException {
        store.scan(table, visitor);
    }

    @Override
    public void scan(Table table, byte[] from, long limit, Visitor visitor) throws IOException {
        store.scan(table, from, limit, visitor);
    }

    @Override
    public long approximateCount(Table table) throws StoreException {
        return store.approximateCount(table);
    }

    @Override
    public void reclaimPacks(BitSet stored, Step step) throws StoreException {
        store.reclaimPacks(stored, step);
    }

    @Override
    public long nextPack() throws StoreException {
        return store.nextPack();
    }

    @Override
    public void commit(List<Entry> entries) throws StoreException {
        watch.commit(store, entries);
        store.commit(entries);
    }

    @Override
    public void verifyChecksums() throws StoreException {
        store.verifyChecksums();
    }

    @Override
    public DiskUsage diskUsage() throws IOException {
        return store.diskUsage();
    }

    @Override
    public void close() throws StoreException {
        store.close();
    }
}
