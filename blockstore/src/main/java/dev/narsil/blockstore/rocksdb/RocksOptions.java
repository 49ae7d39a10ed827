package dev.narsil.blockstore.rocksdb;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;

/** How RocksDB is set up: every bound it works within. */
final class RocksOptions {

    private static final long MIB = 1L << 20;

    private static final long BLOCK_CACHE_BYTES = 64 * MIB;
    private static final long METADATA_MEMTABLE_BYTES = 16 * MIB;
    private static final long PACK_MEMTABLE_BYTES = 64 * MIB;
    private static final long BLOB_FILE_BYTES = 256 * MIB;
    private static final long MAX_WAL_BYTES = 64 * MIB;
    private static final long INDEX_PAGE_BYTES = 4 << 10;
    private static final long RECORD_PAGE_BYTES = 16 << 10;
    private static final long SYNC_BYTES = MIB;
    private static final int BLOOM_BITS = 10;
    private static final int MIN_BLOB_BYTES = 256;
    private static final int LOG_FILES = 2;

    /** Blob files and tables kept open; a large store has many more. */
    private static final int OPEN_FILES = 1024;

    private final NativeScope scope;
    private final Cache blockCache;

    RocksOptions(NativeScope scope) {
        this.scope = scope;
        this.blockCache = scope.add(new LRUCache(BLOCK_CACHE_BYTES));
    }

    DBOptions database() {
        return scope.add(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setMaxBackgroundJobs(Math.max(2, Runtime.getRuntime().availableProcessors()))
                .setMaxOpenFiles(OPEN_FILES)
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setAvoidFlushDuringRecovery(true)
                .setMaxTotalWalSize(MAX_WAL_BYTES)
                .setBytesPerSync(SYNC_BYTES)
                .setWalBytesPerSync(SYNC_BYTES)
                .setAllowFAllocate(false)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(LOG_FILES)
                .setMaxLogFileSize(MIB)
                .setStatsDumpPeriodSec(0);
    }

    /** Small values under random keys, looked up one by one. */
    ColumnFamilyOptions index() {
        return columnFamily(METADATA_MEMTABLE_BYTES, INDEX_PAGE_BYTES)
                .setCompressionType(CompressionType.NO_COMPRESSION);
    }

    /** Records of some hundred bytes to some megabytes. */
    ColumnFamilyOptions records() {
        return columnFamily(METADATA_MEMTABLE_BYTES, RECORD_PAGE_BYTES)
                .setCompressionType(CompressionType.ZSTD_COMPRESSION);
    }

    /** Packs, in blob files as they are. */
    ColumnFamilyOptions packs() {
        return columnFamily(PACK_MEMTABLE_BYTES, INDEX_PAGE_BYTES)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setEnableBlobFiles(true)
                .setMinBlobSize(MIN_BLOB_BYTES)
                .setBlobFileSize(BLOB_FILE_BYTES)
                .setBlobCompressionType(CompressionType.NO_COMPRESSION)
                .setEnableBlobGarbageCollection(false);
    }

    private ColumnFamilyOptions columnFamily(long memtableBytes, long pageBytes) {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(blockCache)
                .setBlockSize(pageBytes)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setFilterPolicy(scope.add(new BloomFilter(BLOOM_BITS)))
                .setFormatVersion(5);
        return scope.add(new ColumnFamilyOptions())
                .setWriteBufferSize(memtableBytes)
                .setMaxWriteBufferNumber(2)
                .setTableFormatConfig(table);
    }
}
