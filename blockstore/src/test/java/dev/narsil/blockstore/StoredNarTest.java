package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StoredNarTest {

    /** Blocks so short that a NAR of a few hundred kilobytes has thousands. */
    private static final StoreOptions SHORT_BLOCKS =
            new StoreOptions(StoreDir.DEFAULT, new ChunkerParameters(64, 128, 256), 4 << 20);

    static LongStream seeds() {
        return Seeds.fresh(3);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void read_anyRangeOfManyBlocks_givesTheSlice(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        byte[] nar = Nars.concat(
                RandomNar.of(seed).bytes(RandomNar.digests(seed, 8)), Nars.noise(seed, 200_000 + random.nextInt(2000)));
        try (TestStore store = TestStore.of(RocksBlockStore.open(directory, SHORT_BLOCKS))) {
            store.add("path", nar);
            try (StoredNar stored = open(store, nar)) {
                assertThat(stored.narHash()).isEqualTo(Sha256.hash(nar));
                assertThat(stored.recipe().blocks()).isGreaterThan(1024);
                assertThat(stored.slots().size()).isEqualTo(stored.recipe().slots());
                assertThat(TestStore.drain(stored.read(0, nar.length))).isEqualTo(nar);
                for (int i = 0; i < 100; i++) {
                    int from = i == 0 ? nar.length - 1 : random.nextInt(nar.length);
                    int length = 1 + random.nextInt(Math.min(10_000, nar.length - from));
                    assertThat(TestStore.drain(stored.read(from, length)))
                            .as("%d bytes at %d", length, from)
                            .isEqualTo(Arrays.copyOfRange(nar, from, from + length));
                }
            }
        }
    }

    @Test
    void notedBlock_anyNumberOfBlocks_isNeverBehindThePosition(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.of(RocksBlockStore.open(directory, SHORT_BLOCKS))) {
            for (int size : new int[] {0, 1, 100, 50_000, 300_000}) {
                byte[] nar = Nars.noise(size, size);
                store.add("path" + size, nar);
                try (StoredNar stored = open(store, nar)) {
                    for (long position = 0; position <= size; position += 1 + size / 1000) {
                        int block = stored.notedBlock(position);
                        assertThat(block % 1024).isZero();
                        long sum = 0;
                        for (int i = 0; i < block; i++) {
                            sum += stored.recipe().length(i);
                        }
                        assertThat(stored.notedPosition(block)).isEqualTo(sum).isLessThanOrEqualTo(position);
                    }
                }
            }
        }
    }

    @Test
    void read_notInside_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.small(1);
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar);
            try (StoredNar stored = open(store, nar)) {
                long size = nar.length;
                for (long[] range : new long[][] {{0, 0}, {-1, 1}, {size, 1}, {0, size + 1}, {1, Long.MAX_VALUE}}) {
                    assertThatThrownBy(() -> stored.read(range[0], range[1]))
                            .isInstanceOf(IndexOutOfBoundsException.class);
                }
            }
            assertThat(store.nars().openStored(Sha256.hash(new byte[1]))).isEmpty();
        }
    }

    @Test
    void close_twice_givesItsMemoryBackOnce(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.small(1);
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar);
            for (int i = 0; i < StoredNars.OPEN_RECIPES_KIB + 1; i++) {
                StoredNar stored = open(store, nar);
                stored.close();
                stored.close();
            }
            for (int i = 0; i < StoredNars.OPEN_RECIPES_KIB; i++) {
                assertThat(open(store, nar).recipe().narSize()).isEqualTo(nar.length);
            }
            assertThatThrownBy(() -> open(store, nar))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.BUSY));
        }
    }

    private static StoredNar open(TestStore store, byte[] nar) throws IOException {
        return store.nars().openStored(Sha256.hash(nar)).orElseThrow();
    }
}
