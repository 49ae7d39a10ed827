package dev.narsil.blockstore.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.testing.Golden;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.RawDb;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFormatTest {

    private static final StoreFormat FORMAT = new StoreFormat(
            StoreDir.DEFAULT,
            "gear-1",
            ChunkerParameters.DEFAULT,
            16 << 10,
            UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0e0f"));

    private static byte[] golden(String name) throws IOException {
        return Golden.load(StoreFormatTest.class, name);
    }

    @Test
    void storeFormat_golden_isReadAndWritten() throws IOException {
        assertThat(StoreFormat.decode(golden("store-format"))).isEqualTo(FORMAT);
        assertThat(FORMAT.encode()).isEqualTo(golden("store-format"));
    }

    @Test
    void storeFormat_damagedOrNewer_isRefused() throws IOException {
        Golden.assertDamageRefused(golden("store-format"), StoreFormat::decode);
        Golden.assertNewerRefused(golden("store-format"), "store format", StoreFormat::decode);
    }

    @FuzzTest
    void storeFormat_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        for (byte[] bytes : new byte[][] {data, Golden.sealed(StoreFormat.KIND, data)}) {
            try {
                assertThat(StoreFormat.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("store format is ");
            }
        }
    }

    @Test
    void nextPack_golden_isWrittenAndRead(@TempDir Path directory) throws IOException {
        byte[] key = ByteBuffer.allocate(8).putLong(4710).array();
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            store.commit(List.of(new Entry(Table.PACK, key, new byte[10])));
        }
        try (RawDb db = RawDb.open(directory)) {
            assertThat(db.get("meta", Nars.ascii("next-pack"))).isEqualTo(golden("next-pack"));
        }
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            assertThat(store.nextPack()).isEqualTo(4711);
        }
    }
}
