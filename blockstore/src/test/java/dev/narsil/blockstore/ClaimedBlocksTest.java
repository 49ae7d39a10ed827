package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.blockstore.testing.WatchedBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimedBlocksTest {

    private static final Sha256 ID = Sha256.hash(new byte[] {1});

    private final AtomicBoolean failing = new AtomicBoolean();
    private final AtomicInteger lookUps = new AtomicInteger();

    /** Look-ups of blocks that fail when they are told to, or when {@code failsAt} comes. */
    private WatchedBlockStore.Watch watch(int failsAt) {
        return new WatchedBlockStore.Watch() {
            @Override
            public void commit(BlockStore store, List<Entry> entries) {}

            @Override
            public void get(Table table) throws StoreException {
                if (table == Table.BLOCK && (lookUps.incrementAndGet() == failsAt || failing.get())) {
                    throw new StoreException(StoreException.Kind.FAILED, "cannot be read");
                }
            }
        };
    }

    @Test
    void claim_lookUpFails_isHonouredAsOthersMayRelyOnIt(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            ClaimedBlocks claimed =
                    new ClaimedBlocks(new WatchedBlockStore(store.blocks(), watch(0)), new CollectionGuard());
            failing.set(true);
            assertThat(claimed.claim(ID)).isTrue();
            assertThat(claimed.claim(ID)).isFalse();
            failing.set(false);
            assertThat(claimed.isKnown(ID)).isTrue();
            claimed.release(List.of(ID));
            assertThat(claimed.isKnown(ID)).isFalse();
        }
    }

    @Test
    void ingest_lookUpOfItsClaimFails_isStoredWhole(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        // the first look-up is that of the block, the second that of its claim
        try (TestStore store = TestStore.open(directory, blocks -> new WatchedBlockStore(blocks, watch(2)))) {
            store.add("one", nar);
            assertThat(lookUps.get()).isGreaterThanOrEqualTo(2);
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
        }
    }
}
