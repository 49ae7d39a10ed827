package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** A {@link BlockStore} in a directory of the local file system. The layout is specified in this package. */
public final class RocksBlockStore implements BlockStore {

    /** Up to this many bytes of packs a commit go through the write-ahead log instead of being flushed. */
    static final long SMALL_PACKS_BYTES = 1 << 20;

    private static final byte[] FORMAT_KEY = "format".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEXT_PACK_KEY = "next-pack".getBytes(StandardCharsets.US_ASCII);
    private static final char NEXT_PACK_KIND = 'C';
    private static final int NEXT_PACK_VERSION = 1;
    private static final String META = "meta";

    private final DataDirectory directory;
    private final NativeScope scope;
    private final RocksDB db;
    private final ColumnFamilyHandle meta;
    private final Map<Table, ColumnFamilyHandle> tables;
    private final ReadOptions readOptions;
    private final ReadOptions packReadOptions;
    private final WriteOptions synced;
    private final WriteOptions unlogged;
    private final FlushOptions flushAndWait;
    private final StoreFormat format;
    /** Native handles are used under the read lock and freed under the write lock. */
    private final ReadWriteLock gate = new ReentrantReadWriteLock();

    private boolean closed;

    private RocksBlockStore(
            DataDirectory directory,
            NativeScope scope,
            RocksDB db,
            List<ColumnFamilyHandle> handles,
            StoreFormat wanted)
            throws IOException, RocksDBException {
        this.directory = directory;
        this.scope = scope;
        this.db = db;
        Iterator<ColumnFamilyHandle> rest = handles.listIterator(1);
        this.meta = rest.next();
        this.tables = new EnumMap<>(Table.class);
        for (Table table : Table.values()) {
            tables.put(table, rest.next());
        }
        this.readOptions = scope.add(new ReadOptions());
        this.packReadOptions =
                scope.add(new ReadOptions()).setVerifyChecksums(false).setFillCache(false);
        this.synced = scope.add(new WriteOptions()).setSync(true);
        this.unlogged = scope.add(new WriteOptions()).setDisableWAL(true);
        this.flushAndWait = scope.add(new FlushOptions()).setWaitForFlush(true);
        this.format = openFormat(wanted);
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
        NativeScope scope = new NativeScope();
        try {
            data.requireNamed();
            return open(data, scope, wanted);
        } catch (IOException e) {
            scope.close();
            data.close();
            throw e;
        } catch (RocksDBException e) {
            scope.close();
            data.close();
            throw failed("open the store in " + directory, e);
        }
    }

    private static RocksBlockStore open(DataDirectory data, NativeScope scope, StoreFormat wanted)
            throws IOException, RocksDBException {
        RocksOptions options = new RocksOptions(scope);
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options.records()));
        families.add(new ColumnFamilyDescriptor(META.getBytes(StandardCharsets.US_ASCII), options.records()));
        for (Table table : Table.values()) {
            ColumnFamilyOptions family = switch (table) {
                case BLOCK -> options.index();
                case PACK -> options.packs();
                case RECIPE, NAR, PATH, ALIAS, OBJECT, TOKEN, REMOTE, UNCLAIMED -> options.records();
            };
            families.add(new ColumnFamilyDescriptor(name(table), family));
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        RocksDB db = scope.add(RocksDB.open(options.database(), data.database().toString(), families, handles));
        handles.forEach(scope::add);
        return new RocksBlockStore(data, scope, db, handles, wanted);
    }

    private StoreFormat openFormat(StoreFormat wanted) throws IOException, RocksDBException {
        byte[] stored = db.get(meta, readOptions, FORMAT_KEY);
        if (stored == null) {
            db.put(meta, synced, FORMAT_KEY, wanted.encode());
            return wanted;
        }
        StoreFormat found;
        try {
            found = StoreFormat.decode(stored);
        } catch (FormatException e) {
            throw unreadable(e);
        }
        found.requireSame(wanted);
        nextPack();
        return found;
    }

    private static StoreException unreadable(FormatException e) {
        return new StoreException(
                e.isNewerVersion() ? StoreException.Kind.INCOMPATIBLE : StoreException.Kind.CORRUPT,
                "the store cannot be opened: " + e.getMessage(),
                e);
    }

    private static byte[] name(Table table) {
        return table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
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
        return call("read table " + table, () -> db.get(handle(table), options(table), key));
    }

    @Override
    public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) throws StoreException {
        return call("read table " + table, () -> {
            List<byte @Nullable []> values = new ArrayList<>();
            if (!keys.isEmpty()) {
                values.addAll(db.multiGetAsList(options(table), Collections.nCopies(keys.size(), handle(table)), keys));
            }
            return values;
        });
    }

    @Override
    public void scan(Table table, Visitor visitor) throws IOException {
        Lock lock = gate.readLock();
        lock.lock();
        try {
            requireOpen();
            try (ReadOptions options = new ReadOptions().setFillCache(false);
                    RocksIterator iterator = db.newIterator(handle(table), options)) {
                for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                    visitor.entry(iterator.key(), iterator.value());
                }
                iterator.status();
            }
        } catch (RocksDBException e) {
            throw failed("scan table " + table, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nextPack() throws StoreException {
        byte[] stored = call("read the number of packs", () -> db.get(meta, readOptions, NEXT_PACK_KEY));
        if (stored == null) {
            return 0;
        }
        try {
            RecordReader reader = new RecordReader("number of packs", NEXT_PACK_KIND, NEXT_PACK_VERSION, stored);
            long next = reader.varint();
            reader.finish();
            return next;
        } catch (FormatException e) {
            throw unreadable(e);
        }
    }

    @Override
    public void commit(List<Entry> entries) throws StoreException {
        call("write", () -> {
            long packBytes = 0;
            long nextPack = 0;
            for (Entry entry : entries) {
                byte[] value = entry.value();
                if (entry.table() == Table.PACK && value != null) {
                    packBytes += value.length;
                    nextPack = Math.max(nextPack, ByteBuffer.wrap(entry.key()).getLong() + 1);
                }
            }
            boolean flushPacks = packBytes > SMALL_PACKS_BYTES;
            try (WriteBatch batch = new WriteBatch()) {
                for (Entry entry : entries) {
                    byte[] value = entry.value();
                    if (value == null) {
                        batch.delete(handle(entry.table()), entry.key());
                    } else if (flushPacks && entry.table() == Table.PACK) {
                        db.put(handle(Table.PACK), unlogged, entry.key(), value);
                    } else {
                        batch.put(handle(entry.table()), entry.key(), value);
                    }
                }
                if (nextPack > 0) {
                    RecordWriter next = new RecordWriter(NEXT_PACK_KIND, NEXT_PACK_VERSION).varint(nextPack);
                    batch.put(meta, NEXT_PACK_KEY, next.finish());
                }
                if (flushPacks) {
                    db.flush(flushAndWait, handle(Table.PACK));
                }
                db.write(synced, batch);
                return true;
            }
        });
    }

    @Override
    public void verifyChecksums() throws StoreException {
        call("verify checksums", () -> {
            db.verifyChecksum();
            return true;
        });
    }

    @Override
    public DiskUsage diskUsage() throws IOException {
        return directory.usage();
    }

    @Override
    public MemoryUse memory() throws StoreException {
        return call(
                "tell its memory",
                () -> new MemoryUse(
                        // the tables share one cache
                        db.getLongProperty(meta, "rocksdb.block-cache-usage"),
                        db.getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables"),
                        db.getAggregatedLongProperty("rocksdb.estimate-table-readers-mem")));
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
            db.flush(flushAndWait, new ArrayList<>(tables.values()));
            db.flush(flushAndWait, meta);
        } catch (RocksDBException e) {
            throw failed("flush", e);
        } finally {
            scope.close();
            directory.close();
            lock.unlock();
        }
    }

    private interface Call<T extends @Nullable Object> {
        T run() throws RocksDBException;
    }

    private <T extends @Nullable Object> T call(String what, Call<T> call) throws StoreException {
        Lock lock = gate.readLock();
        lock.lock();
        try {
            requireOpen();
            return call.run();
        } catch (RocksDBException e) {
            throw failed(what, e);
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() throws StoreException {
        if (closed) {
            throw new StoreException(StoreException.Kind.FAILED, "the store is closed");
        }
    }

    private ColumnFamilyHandle handle(Table table) {
        return Objects.requireNonNull(tables.get(table));
    }

    private ReadOptions options(Table table) {
        return table == Table.PACK ? packReadOptions : readOptions;
    }

    private static StoreException failed(String what, RocksDBException e) {
        return new StoreException(RocksFailure.kind(e), "cannot " + what + ": " + e.getMessage(), e);
    }
}
