package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store of NARs and of what is said of them. Safe for use by many threads.
 *
 * <p>Every method may wait for the disk. All but the reading of an opened NAR may call native code, and so belong on platform
 * threads.
 */
public final class NarStore implements AutoCloseable {

    private static final long SWEEP_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final BlockStore store;
    private final GroupCommit group;
    private final PackCache packs;
    private final StoredNars storedNars;

    /** Held by a collection and by a verification, which must find all that it has listed. */
    private final ReentrantLock sweeping = new ReentrantLock();

    /** Receives path infos. */
    public interface PathVisitor {
        /** Hears of one path. */
        void path(PathInfo info) throws IOException;
    }

    /** Makes a store of what {@code store} keeps; closing it closes that too. */
    public NarStore(BlockStore store, long packCacheBytes) throws StoreException {
        this.store = store;
        this.group = new GroupCommit(store);
        this.packs = new PackCache(store, packCacheBytes);
        this.storedNars = new StoredNars(store, packs);
    }

    /** The store directory its paths lie in. */
    public StoreDir storeDir() {
        return store.storeDir();
    }

    /** Where its records are kept. */
    public BlockStore blockStore() {
        return store;
    }

    /** Returns what is known of the path with this digest. */
    public Optional<PathInfo> path(Digest digest) throws IOException {
        byte[] bytes = store.get(Table.PATH, digest.bytes());
        return bytes == null ? Optional.empty() : Optional.of(PathInfoCodec.decode(bytes));
    }

    /** Visits all paths, in the order of their digests' bytes. */
    public void forEachPath(PathVisitor visitor) throws IOException {
        store.scan(Table.PATH, (key, value) -> visitor.path(PathInfoCodec.decode(value)));
    }

    /** Tells whether a NAR is stored, or finished and about to be. */
    public boolean hasNar(Sha256 narHash) throws IOException {
        return narSize(narHash).isPresent();
    }

    /** Returns the size in bytes of a NAR that is stored, or finished and about to be. */
    public Optional<Long> narSize(Sha256 narHash) throws IOException {
        NarEntry pending = group.queue().pendingNar(narHash);
        if (pending != null) {
            return Optional.of(pending.narSize());
        }
        return storedNarSize(narHash);
    }

    /** Returns the size in bytes of a NAR that is stored. */
    public Optional<Long> storedNarSize(Sha256 narHash) throws IOException {
        return storedNars.entry(narHash).map(NarEntry::narSize);
    }

    /** Starts taking in a NAR announced with this hash and size. */
    public NarIngest ingest(Sha256 narHash, long narSize) throws IOException {
        return new NarIngest(store, group, narHash, narSize);
    }

    /** Starts taking in a NAR of at most {@code maxNarSize} bytes, whose hash and size its end will tell. */
    public NarIngest ingest(long maxNarSize) throws IOException {
        return new NarIngest(store, group, null, maxNarSize);
    }

    /**
     * Makes a path visible together with its NAR, which an ingest has finished or which is stored, in place of what is known of
     * that path; completes when it is durable.
     *
     * @throws StoreException if the NAR is neither
     * @throws NarMismatchException if the NAR has another size
     */
    public CompletableFuture<Void> publish(PathInfo info) throws IOException {
        return publish(info, List.of());
    }

    /** As {@link #publish(PathInfo)}, together with other records: all become durable or none. */
    public CompletableFuture<Void> publish(PathInfo info, List<Entry> records) throws IOException {
        return group.publisher().publish(info, (known, published) -> published, records);
    }

    /**
     * As {@link #publish(PathInfo)}, but {@code rule} says what becomes of a path of which something is known: no other
     * publication of the same path comes between what the rule is shown and what it returns. Where that is what was known,
     * nothing is written.
     *
     * @throws IOException also what the rule throws; then nothing is published
     */
    public CompletableFuture<Void> publish(PathInfo info, PathRule rule) throws IOException {
        return group.publisher().publish(info, rule, List.of());
    }

    /** Has {@code listener}, which must not wait, hear of each path that was published or changed, when that is durable. */
    public void addPathListener(Consumer<Digest> listener) {
        group.pathListeners().add(listener);
    }

    /** Has the listeners of paths hear of one of which something beside its path info is known anew. */
    public void pathChanged(Digest digest) {
        group.pathListeners().tell(List.of(digest));
    }

    /** Undoes {@link #addPathListener}. */
    public void removePathListener(Consumer<Digest> listener) {
        group.pathListeners().remove(listener);
    }

    /**
     * Makes a NAR, which an ingest has finished or which is stored, durable although no path has it, together with other
     * records; completes when all are. It counts as unclaimed until a path is published for it.
     *
     * @throws StoreException if the NAR is neither
     */
    public CompletableFuture<Void> keep(Sha256 narHash, Instant now, List<Entry> records) throws IOException {
        return group.publisher().keep(narHash, new UnclaimedNar(now), records);
    }

    /**
     * Looks for a stored NAR on behalf of somebody who is told that it is here and may count on that: a collection that runs does
     * not take it away, and if it counts as unclaimed, it does so since {@code now}, but for up to {@link
     * UnclaimedNar#RENEWED_AFTER}.
     *
     * @param records written too if the NAR is here
     */
    public Optional<RenewedNar> renew(Sha256 narHash, Instant now, List<Entry> records) throws IOException {
        return group.publisher().renew(narHash, now, records);
    }

    /** Writes records of the tables this class gives no meaning to; completes when all are durable. */
    public CompletableFuture<Void> write(List<Entry> records) throws IOException {
        return records.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : group.publisher().write(records);
    }

    /** Makes what was handed over durable at once instead of within a second, without waiting for it. */
    public void expedite() {
        group.queue().expedite();
    }

    /** Returns the record under a key, or null. */
    public byte @Nullable [] record(Table table, byte[] key) throws IOException {
        return store.get(table, key);
    }

    /** Visits the records of a table in the order of their keys, as it is at the time of the call. */
    public void forEachRecord(Table table, BlockStore.Visitor visitor) throws IOException {
        store.scan(table, visitor);
    }

    /**
     * Waits until what was finished and published so far is durable.
     *
     * @throws StoreException if some of it could not be stored; what had failed before was told to its publisher only
     */
    public void flush() throws IOException {
        group.queue().flush();
    }

    /** Opens a whole NAR; empty if it is not stored. */
    public Optional<NarReader> openNar(Sha256 narHash) throws IOException {
        return storedNars.openNar(narHash);
    }

    /**
     * Opens bytes {@code from} to {@code from + length} of a NAR; empty if it is not stored.
     *
     * @throws IndexOutOfBoundsException if the range is empty or not inside the NAR
     */
    public Optional<NarReader> openRange(Sha256 narHash, long from, long length) throws IOException {
        return storedNars.openRange(narHash, from, length);
    }

    /**
     * Opens a NAR to read its recipe and parts of it; empty if it is not stored.
     *
     * @throws StoreException BUSY if too many large NARs are being read
     */
    public Optional<StoredNar> openStored(Sha256 narHash) throws IOException {
        return storedNars.open(narHash);
    }

    /**
     * Returns a copy of a block, compared with its id; empty if it is not stored. Calls native code.
     *
     * @throws StoreException CORRUPT if what is stored is not the block any more; or what reading the store gives
     */
    public Optional<byte[]> block(Sha256 id) throws IOException {
        byte[] value = store.get(Table.BLOCK, id.bytes());
        return value == null ? Optional.empty() : Optional.of(packs.block(id, BlockLocation.decode(value)));
    }

    /** Counts what is stored, by reading all metadata. */
    public StoreStats stats() throws IOException {
        return StoreStats.of(store);
    }

    /** Counts paths and NARs, by reading their tables, and measures the files. */
    public StoreTotals totals() throws IOException {
        return StoreTotals.of(store);
    }

    /** How many native calls wait for a thread. */
    public int tasksWaiting() {
        return packs.tasksWaiting();
    }

    /** What the engine of the store holds in memory outside the heap; cheap. */
    public BlockStore.MemoryUse memory() throws StoreException {
        return store.memory();
    }

    /**
     * Re-hashes every block and every NAR, on all cores. Problems are reported, not thrown. Waits while garbage is collected.
     *
     * @throws InterruptedIOException if the thread is interrupted while it waits
     */
    public VerifyReport verify(VerifyProgress progress) throws IOException {
        awaitSweep(progress);
        try (Verification verification = new Verification(this, packs, progress)) {
            return verification.run();
        } finally {
            sweeping.unlock();
        }
    }

    private void awaitSweep(VerifyProgress progress) throws InterruptedIOException {
        try {
            while (!sweeping.tryLock(SWEEP_POLL_NANOS, TimeUnit.NANOSECONDS)) {
                progress.progress("waiting for the garbage collection", 0, 1, 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted before verifying");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    /**
     * Deletes NARs that were never claimed, and what nothing refers to: recipes, blocks, packs. Others go on reading and writing
     * meanwhile; what they rely on stays. A pack stays whole while one of its blocks does.
     *
     * @throws StoreException BUSY if another collection or a verification runs; otherwise what made it end, in which case the rest
     *     is left to the next
     */
    public GarbageReport collectGarbage(GarbageOptions options, GarbageProgress progress) throws IOException {
        if (!sweeping.tryLock()) {
            throw new StoreException(
                    StoreException.Kind.BUSY, "the store is being verified, or its garbage collected, already");
        }
        try {
            return new GarbageCollection(store, group, options, progress).run();
        } finally {
            sweeping.unlock();
        }
    }

    /** Tells whether a NAR has been unclaimed since before this time. Reads the marks of unclaimed NARs only. */
    public boolean hasUnclaimedNar(Instant before) throws IOException {
        boolean[] found = new boolean[1];
        store.scan(
                Table.UNCLAIMED,
                (_, value) -> found[0] |= UnclaimedNar.decode(value).since().isBefore(before));
        return found[0];
    }

    /** Bytes of blocks that ingests have left behind which did not finish, and that were not collected since. */
    public long leftBytes() {
        return group.guard().leftBytes();
    }

    /** Makes everything durable and closes the store. */
    @Override
    public void close() throws IOException {
        group.close();
        packs.close();
        store.close();
    }
}
