package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.MemoryUse;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.BlockStore.Visitor;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
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

/** The RocksDB of a store while it is open: its native objects, which are not to be used after the close. */
final class OpenDatabase implements AutoCloseable {

    private static final byte[] NEXT_PACK_KEY = "next-pack".getBytes(StandardCharsets.US_ASCII);
    private static final char NEXT_PACK_KIND = 'C';
    private static final int NEXT_PACK_VERSION = 1;
    private static final String META = "meta";

    private final NativeScope scope;
    private final RocksDB db;
    private final ColumnFamilyHandle meta;
    private final Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);
    private final ReadOptions readOptions;
    private final ReadOptions packReadOptions;
    private final WriteOptions synced;
    private final WriteOptions unlogged;
    private final FlushOptions flushAndWait;

    private OpenDatabase(NativeScope scope, RocksDB db, List<ColumnFamilyHandle> handles) {
        this.scope = scope;
        this.db = db;
        Iterator<ColumnFamilyHandle> rest = handles.listIterator(1);
        this.meta = rest.next();
        for (Table table : Table.values()) {
            tables.put(table, rest.next());
        }
        this.readOptions = scope.add(new ReadOptions());
        this.packReadOptions =
                scope.add(new ReadOptions()).setVerifyChecksums(false).setFillCache(false);
        this.synced = scope.add(new WriteOptions()).setSync(true);
        this.unlogged = scope.add(new WriteOptions()).setDisableWAL(true);
        this.flushAndWait = scope.add(new FlushOptions()).setWaitForFlush(true);
    }

    /** Opens the database in {@code path}, making it where there is none. */
    static OpenDatabase open(Path path) throws RocksDBException {
        NativeScope scope = new NativeScope();
        try {
            return open(path, scope);
        } catch (RocksDBException e) {
            scope.close();
            throw e;
        }
    }

    private static OpenDatabase open(Path path, NativeScope scope) throws RocksDBException {
        RocksOptions options = new RocksOptions(scope);
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options.records()));
        families.add(new ColumnFamilyDescriptor(META.getBytes(StandardCharsets.US_ASCII), options.records()));
        for (Table table : Table.values()) {
            ColumnFamilyOptions family = switch (table) {
                case BLOCK -> options.index();
                case PACK -> options.packs();
                case RECIPE,
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
                        REPLICA -> options.records();
            };
            families.add(new ColumnFamilyDescriptor(name(table), family));
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        RocksDB db = scope.add(RocksDB.open(options.database(), path.toString(), families, handles));
        handles.forEach(scope::add);
        return new OpenDatabase(scope, db, handles);
    }

    private static byte[] name(Table table) {
        return table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
    }

    byte @Nullable [] get(Table table, byte[] key) throws RocksDBException {
        return db.get(handle(table), options(table), key);
    }

    List<byte @Nullable []> getAll(Table table, List<byte[]> keys) throws RocksDBException {
        List<byte @Nullable []> values = new ArrayList<>();
        if (!keys.isEmpty()) {
            values.addAll(db.multiGetAsList(options(table), Collections.nCopies(keys.size(), handle(table)), keys));
        }
        return values;
    }

    void scan(Table table, byte[] from, long limit, Visitor visitor) throws RocksDBException, IOException {
        try (ReadOptions options = new ReadOptions().setFillCache(false);
                RocksIterator iterator = db.newIterator(handle(table), options)) {
            long visited = 0;
            for (iterator.seek(from); visited < limit && iterator.isValid(); iterator.next()) {
                visited++;
                visitor.entry(iterator.key(), iterator.value());
            }
            iterator.status();
        }
    }

    long approximateCount(Table table) throws RocksDBException {
        return db.getLongProperty(handle(table), "rocksdb.estimate-num-keys");
    }

    /** Returns a value of {@code meta}, or null. */
    byte @Nullable [] meta(byte[] key) throws RocksDBException {
        return db.get(meta, readOptions, key);
    }

    /** Stores a value of {@code meta} for good. */
    void putMeta(byte[] key, byte[] value) throws RocksDBException {
        db.put(meta, synced, key, value);
    }

    void commit(List<Entry> entries) throws RocksDBException {
        long packBytes = 0;
        long nextPack = 0;
        for (Entry entry : entries) {
            byte[] value = entry.value();
            if (entry.table() == Table.PACK && value != null) {
                packBytes += value.length;
                nextPack = Math.max(nextPack, ByteBuffer.wrap(entry.key()).getLong() + 1);
            }
        }
        boolean flushPacks = packBytes > RocksBlockStore.SMALL_PACKS_BYTES;
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
                batch.put(meta, NEXT_PACK_KEY, nextPackRecord(nextPack));
            }
            if (flushPacks) {
                db.flush(flushAndWait, handle(Table.PACK));
            }
            db.write(synced, batch);
        }
    }

    private static byte[] nextPackRecord(long nextPack) {
        return new RecordWriter(NEXT_PACK_KIND, NEXT_PACK_VERSION)
                .varint(nextPack)
                .finish();
    }

    /** Returns the number above those of all packs committed. */
    long nextPack() throws RocksDBException, FormatException {
        byte[] stored = meta(NEXT_PACK_KEY);
        if (stored == null) {
            return 0;
        }
        RecordReader reader = new RecordReader("number of packs", NEXT_PACK_KIND, NEXT_PACK_VERSION, stored);
        long next = reader.varint();
        reader.finish();
        return next;
    }

    MemoryUse memory() throws RocksDBException {
        return new MemoryUse(
                // the tables share one cache
                db.getLongProperty(meta, "rocksdb.block-cache-usage"),
                db.getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables"),
                db.getAggregatedLongProperty("rocksdb.estimate-table-readers-mem"));
    }

    void verifyChecksums() throws RocksDBException {
        db.verifyChecksum();
    }

    /** Writes all that is in memory to files. */
    void flush() throws RocksDBException {
        db.flush(flushAndWait, new ArrayList<>(tables.values()));
        db.flush(flushAndWait, meta);
    }

    /** Writes the packs that are in memory to files. */
    void flushPacks() throws RocksDBException {
        db.flush(flushAndWait, handle(Table.PACK));
    }

    /** Drops references to deleted packs from {@code first} to {@code last}, or to all. */
    void compactPacks(byte @Nullable [] first, byte @Nullable [] last) throws RocksDBException {
        db.compactRange(handle(Table.PACK), first, last);
    }

    /** Reads a number that RocksDB keeps of the packs. */
    long packProperty(String name) throws RocksDBException {
        return db.getLongProperty(handle(Table.PACK), name);
    }

    /** Writes a pack anew, without the log; returns its length, 0 if there is none. */
    int rewritePack(byte[] key) throws RocksDBException {
        byte[] value = get(Table.PACK, key);
        if (value == null) {
            return 0;
        }
        db.put(handle(Table.PACK), unlogged, key, value);
        return value.length;
    }

    private ColumnFamilyHandle handle(Table table) {
        return Objects.requireNonNull(tables.get(table));
    }

    private ReadOptions options(Table table) {
        return table == Table.PACK ? packReadOptions : readOptions;
    }

    /** Frees the native objects. What was committed is on disk already. */
    @Override
    public void close() {
        scope.close();
    }
}
