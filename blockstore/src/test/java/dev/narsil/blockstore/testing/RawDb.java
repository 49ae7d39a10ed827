package dev.narsil.blockstore.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** The RocksDB of a closed store, past everything that guards it. */
public final class RawDb implements AutoCloseable {

    private final DBOptions options = new DBOptions();
    private final RocksDB db;
    private final Map<String, ColumnFamilyHandle> families = new HashMap<>();

    private RawDb(Path database) throws RocksDBException {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        try (Options listing = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(listing, database.toString())) {
                descriptors.add(new ColumnFamilyDescriptor(name));
            }
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        this.db = RocksDB.open(options, database.toString(), descriptors, handles);
        for (ColumnFamilyHandle handle : handles) {
            families.put(new String(handle.getName(), StandardCharsets.US_ASCII), handle);
        }
    }

    /** Opens the database of the store in {@code directory}. */
    public static RawDb open(Path directory) throws IOException {
        RocksDB.loadLibrary();
        try {
            return new RawDb(directory.resolve("db"));
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    /** Stores a value. */
    public void put(String family, byte[] key, byte[] value) throws IOException {
        try (FlushOptions flush = new FlushOptions()) {
            db.put(handle(family), key, value);
            db.flush(flush, handle(family));
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    /** Removes a value. */
    public void delete(String family, byte[] key) throws IOException {
        try (FlushOptions flush = new FlushOptions()) {
            db.delete(handle(family), key);
            db.flush(flush, handle(family));
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    /** Returns a value. */
    public byte @Nullable [] get(String family, byte[] key) throws IOException {
        try {
            return db.get(handle(family), key);
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    /** Adds a column family. */
    public void create(String family) throws IOException {
        try {
            families.put(
                    family,
                    db.createColumnFamily(new ColumnFamilyDescriptor(family.getBytes(StandardCharsets.US_ASCII))));
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    private ColumnFamilyHandle handle(String family) {
        return Objects.requireNonNull(families.get(family));
    }

    @Override
    public void close() {
        families.values().forEach(ColumnFamilyHandle::close);
        db.close();
        options.close();
    }
}
