package dev.narsil.gateway.importer;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real block store on a disk without room for one byte more. */
public record FullDisk(BlockStore store) implements BlockStore {

    @Override
    public void commit(List<Entry> entries) throws StoreException {
        throw new StoreException(StoreException.Kind.FULL, "no space left");
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
