package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A {@link BlockStore} in a directory of the local file system. The layout is specified in this package.
 *
 * <p>A commit that finds the disk full fails, and reading goes on. RocksDB then refuses all further writes for as long as it is
 * open; so the next commit that finds room again opens it anew first. Where that fails, whoever reads or writes next tries again.
 */
public final class RocksBlockStore implements BlockStore {

    /** Up to this many bytes of packs a commit go through the write-ahead log instead of being flushed. */
    static final long SMALL_PACKS_BYTES = 1 << 20;

    /** Bytes that must be free for writing to be tried again after the disk was full: enough to open, and to collect garbage. */
    static final long MIN_ROOM_BYTES = 16L << 20;

    /** How long opening anew waits for those who read; no other read begins meanwhile. */
    static final long REOPEN_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Time between two attempts to open anew what could not be. */
    static final long REOPEN_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final byte[] FORMAT_KEY = "format".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FIRST_KEY = {};

    private final DataDirectory directory;
    private final StoreFormat format;

    /** Native objects are used under the read lock and freed under the write lock. */
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

    /** Null between an attempt to open it anew that failed and one that succeeds. */
    private volatile @Nullable OpenDatabase database;

    private volatile boolean closed;
    private volatile boolean full;
    private long failedNanos;

    private RocksBlockStore(DataDirectory directory, OpenDatabase database, StoreFormat format) {
        this.directory = directory;
        this.database = database;
        this.format = format;
    }

    /**
     * Opens the store in {@code directory}, making it where there is none.
     *
     * @throws StoreException LOCKED if a process has it open; INCOMPATIBLE if it was made by another version, for another store
     *     directory or with other chunker parameters
     */
    public static RocksBlockStore open(Path directory, StoreOptions options) throws IOException {
        RocksDB.loadLibrary();
        StoreFormat wanted = StoreFormat.create(options.storeDir(), options.chunker(), StoreOptions.FILE_CUT_BYTES);
        DataDirectory data = DataDirectory.lock(directory);
        OpenDatabase database = null;
        try {
            data.requireNamed();
            database = OpenDatabase.open(data.database());
            return new RocksBlockStore(data, database, openFormat(database, wanted));
        } catch (IOException e) {
            release(database, data);
            throw e;
        } catch (RocksDBException e) {
            release(database, data);
            throw failed("open the store in " + directory, e);
        }
    }

    private static void release(@Nullable OpenDatabase database, DataDirectory data) {
        if (database != null) {
            database.close();
        }
        data.close();
    }

    private static StoreFormat openFormat(OpenDatabase database, StoreFormat wanted)
            throws IOException, RocksDBException {
        byte[] stored = database.meta(FORMAT_KEY);
        if (stored == null) {
            database.putMeta(FORMAT_KEY, wanted.encode());
            return wanted;
        }
        StoreFormat found;
        try {
            found = StoreFormat.decode(stored);
            found.requireSame(wanted);
            database.nextPack();
        } catch (FormatException e) {
            throw unreadable(e);
        }
        return found;
    }

    private static StoreException unreadable(FormatException e) {
        return new StoreException(
                e.isNewerVersion() ? StoreException.Kind.INCOMPATIBLE : StoreException.Kind.CORRUPT,
                "the store cannot be opened: " + e.getMessage(),
                e);
    }

    @Override
    public StoreDir storeDir() {
        return format.storeDir();
    }

    @Override
    public ChunkerParameters chunker() {
        return format.chunker();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) throws StoreException {
        return call("read table " + table, db -> db.get(table, key));
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) throws StoreException {
        return call("read table " + table, db -> db.getAll(table, keys));
    }

    @Override
    public void scan(Table table, Visitor visitor) throws IOException {
        scan(table, FIRST_KEY, Long.MAX_VALUE, visitor);
    }

    @Override
    public void scan(Table table, byte[] from, long limit, Visitor visitor) throws IOException {
        reopenIfLost();
        Lock lock = gate.readLock();
        lock.lock();
        try {
            requireOpen().scan(table, from, limit, visitor);
        } catch (RocksDBException e) {
            throw failed("scan table " + table, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long approximateCount(Table table) throws StoreException {
        return call("count table " + table, db -> db.approximateCount(table));
    }

    @Override
    public long nextPack() throws StoreException {
        return call("read the number of packs", db -> {
            try {
                return db.nextPack();
            } catch (FormatException e) {
                throw unreadable(e);
            }
        });
    }

    @Override
    public void commit(List<Entry> entries) throws StoreException {
        if (full) {
            reopen();
        }
        change("write", db -> db.commit(entries));
    }

    @Override
    public void reclaimPacks(BitSet stored, Step step) throws StoreException {
        new PackSpace(new PackSpace.Packs() {
                    @Override
                    public void compact(byte @Nullable [] first, byte @Nullable [] last) throws StoreException {
                        change("compact packs", db -> db.compactPacks(first, last));
                    }

                    @Override
                    public long property(String name) throws StoreException {
                        return call("read " + name, db -> db.packProperty(name));
                    }

                    @Override
                    public int rewrite(byte[] key) throws StoreException {
                        return call("rewrite a pack", db -> db.rewritePack(key));
                    }

                    @Override
                    public void flush() throws StoreException {
                        change("flush packs", OpenDatabase::flushPacks);
                    }
                })
                .reclaim(stored, step);
    }

    @Override
    public void verifyChecksums() throws StoreException {
        change("verify checksums", OpenDatabase::verifyChecksums);
    }

    @Override
    public DiskUsage diskUsage() throws IOException {
        return directory.usage();
    }

    /** Tells whether a write has found the disk full, and none has succeeded since. */
    boolean isFull() {
        return full;
    }

    /** Does as if a write had found the disk full. */
    void setFull() {
        full = true;
    }

    /** Opens the database anew if there is room again; else refuses, so that reading can go on. */
    private void reopen() throws StoreException {
        if (gate.getReadHoldCount() > 0 || !lockBetweenReads()) {
            throw new StoreException(StoreException.Kind.FULL, "no space was left, and the store is being read");
        }
        try {
            if (!full) {
                return;
            }
            requireNotClosed();
            directory.requireRoom(MIN_ROOM_BYTES);
            OpenDatabase refusing = database;
            if (refusing != null) {
                database = null;
                refusing.close();
            } else if (System.nanoTime() - failedNanos < REOPEN_PAUSE_NANOS) {
                throw notReopened();
            }
            failedNanos = System.nanoTime();
            directory.requireNamed();
            database = OpenDatabase.open(directory.database());
            full = false;
        } catch (RocksDBException e) {
            throw failed("open the store again after the disk was full", e);
        } finally {
            gate.writeLock().unlock();
        }
    }

    /** Takes the write lock, unless somebody reads for too long. */
    private boolean lockBetweenReads() throws StoreException {
        try {
            return gate.writeLock().tryLock(REOPEN_WAIT_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(StoreException.Kind.FAILED, "interrupted while the store is opened again", e);
        }
    }

    private void reopenIfLost() throws StoreException {
        if (database == null && !closed) {
            reopen();
        }
    }

    @Override
    public MemoryUse memory() throws StoreException {
        return call("tell its memory", OpenDatabase::memory);
    }

    @Override
    public void close() throws StoreException {
        Lock lock = gate.writeLock();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            OpenDatabase open = database;
            if (open != null && !full) {
                open.flush();
            }
        } catch (RocksDBException e) {
            StoreException failure = failed("flush", e);
            if (failure.kind() != StoreException.Kind.FULL) {
                throw failure;
            }
            // what was committed is in the log, which the next opening reads
        } finally {
            release(database, directory);
            lock.unlock();
        }
    }

    private interface Call<T extends @Nullable Object> {
        T run(OpenDatabase db) throws RocksDBException, StoreException;
    }

    private interface Change {
        void run(OpenDatabase db) throws RocksDBException;
    }

    private <T extends @Nullable Object> T call(String what, Call<T> call) throws StoreException {
        reopenIfLost();
        Lock lock = gate.readLock();
        lock.lock();
        try {
            return call.run(requireOpen());
        } catch (RocksDBException e) {
            throw failed(what, e);
        } finally {
            lock.unlock();
        }
    }

    private void change(String what, Change change) throws StoreException {
        try {
            call(what, db -> {
                change.run(db);
                return true;
            });
        } catch (StoreException e) {
            full |= e.kind() == StoreException.Kind.FULL;
            throw e;
        }
    }

    private OpenDatabase requireOpen() throws StoreException {
        requireNotClosed();
        OpenDatabase open = database;
        if (open == null) {
            throw notReopened();
        }
        return open;
    }

    private static StoreException notReopened() {
        return new StoreException(
                StoreException.Kind.FULL, "the store could not be opened again after the disk was full");
    }

    private void requireNotClosed() throws StoreException {
        if (closed) {
            throw new StoreException(StoreException.Kind.FAILED, "the store is closed");
        }
    }

    private static StoreException failed(String what, RocksDBException e) {
        return new StoreException(RocksFailure.kind(e), "cannot " + what + ": " + e.getMessage(), e);
    }
}
