package dev.narsil.blockstore;

import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A {@link BlockStore} for finding out what an import would store: it sees all that {@code base} holds, keeps what is written
 * in {@code scratch}, and of packs counts the bytes only.
 */
public final class EstimateBlockStore implements BlockStore {

    private final @Nullable BlockStore base;
    private final BlockStore scratch;
    private final AtomicLong packBytes = new AtomicLong();
    private final AtomicLong nextPack = new AtomicLong();

    /** Makes an estimate on top of {@code base}, which stays open and unchanged; {@code scratch} is closed with this. */
    public EstimateBlockStore(@Nullable BlockStore base, BlockStore scratch) throws StoreException {
        this.base = base;
        this.scratch = scratch;
        this.nextPack.set(base == null ? 0 : base.nextPack());
    }

    @Override
    public StoreDir storeDir() {
        return scratch.storeDir();
    }

    @Override
    public ChunkerParameters chunker() {
        return scratch.chunker();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) throws StoreException {
        byte[] value = scratch.get(table, key);
        return value == null && base != null ? base.get(table, key) : value;
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) throws StoreException {
        List<byte @Nullable []> values = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            values.add(get(table, key));
        }
        return values;
    }

    /** Visits what was written to this estimate, not what the base holds. */
    @Override
    public void scan(Table table, Visitor visitor) throws IOException {
        scratch.scan(table, visitor);
    }

    /** Visits what was written to this estimate, not what the base holds. */
    @Override
    public void scan(Table table, byte[] from, long limit, Visitor visitor) throws IOException {
        scratch.scan(table, from, limit, visitor);
    }

    @Override
    public long approximateCount(Table table) throws StoreException {
        return scratch.approximateCount(table);
    }

    @Override
    public long nextPack() {
        return nextPack.get();
    }

    @Override
    public void commit(List<Entry> entries) throws StoreException {
        List<Entry> kept = new ArrayList<>(entries.size());
        long bytes = 0;
        long next = 0;
        for (Entry entry : entries) {
            byte[] value = entry.value();
            if (entry.table() == Table.PACK && value != null) {
                bytes += value.length;
                next = Math.max(next, ByteBuffer.wrap(entry.key()).getLong() + 1);
            } else {
                kept.add(entry);
            }
        }
        scratch.commit(kept);
        packBytes.addAndGet(bytes);
        nextPack.accumulateAndGet(next, Math::max);
    }

    @Override
    public void reclaimPacks(BitSet stored, Step step) {
        // packs are not kept
    }

    @Override
    public void verifyChecksums() throws StoreException {
        scratch.verifyChecksums();
    }

    /** What was written: packs as counted, everything else as it lies on disk. */
    @Override
    public DiskUsage diskUsage() throws IOException {
        DiskUsage usage = scratch.diskUsage();
        return new DiskUsage(packBytes.get(), usage.otherBytes());
    }

    @Override
    public void close() throws StoreException {
        scratch.close();
    }
}
