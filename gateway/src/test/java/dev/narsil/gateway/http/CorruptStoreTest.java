package dev.narsil.gateway.http;

import static dev.narsil.gateway.http.ServedStore.narInfoPath;
import static dev.narsil.gateway.http.ServedStore.narPath;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.gateway.alias.AliasMeter;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

class CorruptStoreTest {

    @TempDir
    private Path directory;

    @Test
    void get_lastPackCorrupt_resetsTheConnectionAndNeverCompletes() throws Exception {
        byte[] nar = ServedStore.largeNar(5, 20 << 20);
        PathInfo info = store(nar);
        flipByteOfLastPack();
        try (ServedStore served = new ServedStore(directory)) {
            for (int i = 1; i <= 3; i++) {
                assertThatThrownBy(() -> served.get(narPath(info)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("reset");
            }
            ServerCounters after = served.await(c -> c.responsesInFlight() == 0);
            assertThat(after.corruptResponses()).isEqualTo(3);
            assertThat(after.narsServed()).isZero();
            assertThat(after.narBytesSent()).isLessThan(3L * nar.length);
            assertThat(served.get(narInfoPath(info)).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XZ", "BZIP2"})
    void get_uploadedFileWhoseNarIsCorrupt_isResetOrRefusedAndNeverCompletes(Compression compression) throws Exception {
        byte[] nar = ServedStore.largeNar(5, 20 << 20);
        store(nar);
        Sha256 fileHash = Sha256.hash(new byte[1]);
        Alias alias = keepAlias(compression, nar, fileHash);
        flipByteOfLastPack();
        String path = "/nar/" + fileHash.toBase32() + ".nar" + compression.fileSuffix();
        try (ServedStore served = new ServedStore(directory)) {
            assertThatThrownBy(() -> served.get(path))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            assertThatThrownBy(() -> served.get(path, "Range: bytes=10-"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            assertThatThrownBy(() -> served.get(path, "Range: bytes=10-" + (alias.length() - 2)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            assertThat(served.get(path, "Range: bytes=0-9").status()).isEqualTo(206);
            assertThat(served.server.counters().corruptResponses()).isEqualTo(3);
        }
    }

    private Alias keepAlias(Compression compression, byte[] nar, Sha256 fileHash) throws IOException {
        try (NarStore store = new NarStore(
                        RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
                AliasMeter meter = new AliasMeter(compression)) {
            meter.write(nar);
            Alias alias = meter.finish(Sha256.hash(nar), nar.length, Instant.now());
            var _ = store.write(List.of(Aliases.entry(fileHash, alias)));
            return alias;
        }
    }

    @Test
    void get_smallNarCorrupt_is404() throws Exception {
        PathInfo info = store(new RandomNar(6, StoreDir.DEFAULT, 3, 4 << 10).bytes(List.of()));
        flipByteOfLastPack();
        try (ServedStore served = new ServedStore(directory)) {
            RawResponse response = served.get(narPath(info));
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.text()).isEqualTo("the NAR cannot be reconstructed\n");
            assertThat(response.headers()).doesNotContainKey("etag").doesNotContainKey("cache-control");
            assertThat(served.server.counters().corruptResponses()).isEqualTo(1);
            assertThat(served.get(narPath(info), "Range: bytes=0-9").status()).isEqualTo(404);
            assertThat(served.get("/" + info.path().digest() + ".ls").status()).isEqualTo(404);
        }
    }

    @Test
    void get_pathRecordTruncated_is404() throws Exception {
        PathInfo info = store(new RandomNar(6, StoreDir.DEFAULT, 3, 4 << 10).bytes(List.of()));
        changeLast("path", value -> Arrays.copyOf(value, value.length / 2));
        try (ServedStore served = new ServedStore(directory)) {
            RawResponse response = served.get(narInfoPath(info));
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.text()).isEqualTo("what is known of the path cannot be read\n");
            assertThat(response.headers()).doesNotContainKey("retry-after");
        }
    }

    private PathInfo store(byte[] nar) throws IOException {
        try (NarStore store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES)) {
            return ServedStore.add(store, 5, nar);
        }
    }

    /** Changes one byte in the middle of the last pack, behind the store's back. */
    private void flipByteOfLastPack() throws RocksDBException {
        changeLast("pack", value -> {
            value[value.length / 2] ^= 1;
            return value;
        });
    }

    /** Changes the last record of a column family, behind the store's back. */
    private void changeLast(String family, UnaryOperator<byte[]> change) throws RocksDBException {
        String database = directory.resolve("db").toString();
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        try (Options options = new Options();
                ColumnFamilyOptions familyOptions = new ColumnFamilyOptions();
                DBOptions dbOptions = new DBOptions();
                FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            int index = -1;
            for (byte[] name : RocksDB.listColumnFamilies(options, database)) {
                index = new String(name, StandardCharsets.UTF_8).equals(family) ? families.size() : index;
                families.add(new ColumnFamilyDescriptor(name, familyOptions));
            }
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            try (RocksDB db = RocksDB.open(dbOptions, database, families, handles)) {
                ColumnFamilyHandle records = handles.get(index);
                try (RocksIterator last = db.newIterator(records)) {
                    last.seekToLast();
                    db.put(records, last.key(), change.apply(last.value()));
                }
                db.flush(flush, records);
                handles.forEach(ColumnFamilyHandle::close);
            }
        }
    }
}
