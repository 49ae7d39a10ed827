package dev.narsil.blockstore.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.BlockStoreContract;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksBlockStoreTest extends BlockStoreContract {

    @Override
    protected BlockStore open(Path directory) throws IOException {
        return RocksBlockStore.open(directory, TestStore.OPTIONS);
    }

    @Override
    protected boolean keepsPacks() {
        return true;
    }

    @Test
    void reopen_afterClose_findsEverything(@TempDir Path directory) throws IOException {
        byte[] small = Nars.noise(1, 500);
        byte[] large = Nars.noise(2, 2 << 20);
        byte[] firstKey = ByteBuffer.allocate(8).putLong(0).array();
        byte[] secondKey = ByteBuffer.allocate(8).putLong(1).array();
        try (BlockStore store = open(directory)) {
            store.commit(List.of(new Entry(Table.PACK, firstKey, small), new Entry(Table.PATH, new byte[20], small)));
            store.commit(List.of(new Entry(Table.PACK, secondKey, large), new Entry(Table.NAR, new byte[32], small)));
        }
        try (BlockStore store = open(directory)) {
            assertThat(store.nextPack()).isEqualTo(2);
            assertThat(store.get(Table.PACK, firstKey)).isEqualTo(small);
            assertThat(store.get(Table.PACK, secondKey)).isEqualTo(large);
            assertThat(store.get(Table.PATH, new byte[20])).isEqualTo(small);
            assertThat(store.get(Table.NAR, new byte[32])).isEqualTo(small);
            store.verifyChecksums();
        }
    }
}
