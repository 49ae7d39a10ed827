package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstimateBlockStoreTest extends BlockStoreContract {

    @Override
    protected BlockStore open(Path directory) throws IOException {
        return new EstimateBlockStore(null, RocksBlockStore.open(directory, TestStore.OPTIONS));
    }

    @Override
    protected boolean keepsPacks() {
        return false;
    }

    @Test
    void import_overABase_countsOnlyWhatTheBaseLacks(@TempDir Path real, @TempDir Path scratch) throws IOException {
        byte[] known = Nars.random(1);
        byte[] added = Nars.file(Nars.noise(2, 5 << 20));
        try (TestStore base = TestStore.open(real)) {
            base.add("known", known);
            StoreStats before = base.nars().stats();
            try (TestStore estimate = TestStore.of(
                    new EstimateBlockStore(base.blocks(), RocksBlockStore.open(scratch, TestStore.OPTIONS)))) {
                estimate.add("known-again", known);
                StoreStats again = estimate.nars().stats();
                assertThat(again.blocks()).isZero();
                assertThat(again.packBytes()).isZero();
                assertThat(again.recipes()).isZero();
                assertThat(again.paths()).isEqualTo(1);

                PathInfo info = estimate.add("added", added);
                StoreStats stats = estimate.nars().stats();
                assertThat(stats.strippedUniqueBytes()).isEqualTo(added.length);
                assertThat(stats.packBytes()).isBetween((long) added.length, added.length * 101L / 100);
                assertThat(estimate.nars().path(info.path().digest())).contains(info);
                // what the base holds can be read through it, what was only counted says so
                assertThat(estimate.read(dev.narsil.rewrite.hash.Sha256.hash(known)))
                        .isEqualTo(known);
                assertThatThrownBy(() -> estimate.read(info.narHash()))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("pack");
            }
            StoreStats after = base.nars().stats();
            assertThat(after.paths()).isEqualTo(before.paths());
            assertThat(after.blocks()).isEqualTo(before.blocks());
            assertThat(base.blocks().nextPack()).isEqualTo(before.packs());
            assertThat(base.opens(TestStore.info("added", added).narHash())).isFalse();
        }
    }
}
