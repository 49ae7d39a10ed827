package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NarReaderTest {

    static LongStream seeds() {
        return Seeds.fresh(4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void openRange_everyKindOfRange_givesTheSlice(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        byte[] nar = RandomNar.of(seed).bytes(RandomNar.digests(seed, 8));
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            Recipe recipe = recipe(store, hash);
            assertThat(recipe.holes().size()).isGreaterThan(8);
            List<Long> places = new ArrayList<>(List.of(0L, 1L, nar.length - 1L, (long) nar.length));
            long edge = 0;
            for (int i = 0; i < recipe.blocks(); i++) {
                edge += recipe.length(i);
                places.addAll(List.of(edge - 1, edge, edge + 1));
            }
            for (int i = 0; i < 20; i++) {
                long hole = recipe.holes().offset(random.nextInt(recipe.holes().size()));
                places.addAll(List.of(hole - 1, hole, hole + 1, hole + 31, hole + 32, hole + 33));
            }
            places.removeIf(place -> place < 0 || place > nar.length);
            assertRange(store, hash, nar, 0, 1);
            assertRange(store, hash, nar, nar.length - 1, nar.length);
            assertRange(store, hash, nar, 0, nar.length);
            assertRange(store, hash, nar, 1, nar.length);
            assertRange(store, hash, nar, 0, nar.length - 1);
            for (long place : places) {
                assertRange(store, hash, nar, place, Math.min(nar.length, place + 1));
                long other = places.get(random.nextInt(places.size()));
                assertRange(store, hash, nar, Math.min(place, other), Math.max(place, other));
            }
        }
    }

    private static void assertRange(TestStore store, Sha256 hash, byte[] nar, long from, long to) throws IOException {
        if (from < to) {
            NarReader reader = store.nars().openRange(hash, from, to - from).orElseThrow();
            assertThat(reader.length()).isEqualTo(to - from);
            assertThat(Arrays.equals(TestStore.drain(reader), Arrays.copyOfRange(nar, (int) from, (int) to)))
                    .as("bytes %d to %d of %d", from, to, nar.length)
                    .isTrue();
        }
    }

    @Test
    void openRange_notInsideTheNar_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.small(1);
        Sha256 hash = Sha256.hash(nar);
        long size = nar.length;
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", nar);
            long[][] ranges = {
                {0, 0},
                {0, -1},
                {-1, 1},
                {size, 1},
                {size - 1, 2},
                {0, size + 1},
                {1, Long.MAX_VALUE},
                {Long.MAX_VALUE, Long.MAX_VALUE},
                {Long.MIN_VALUE, 1}
            };
            for (long[] range : ranges) {
                assertThatThrownBy(() -> store.nars().openRange(hash, range[0], range[1]))
                        .as("%s", Arrays.toString(range))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining("NarSize=" + size);
            }
            assertThat(store.nars().openRange(Sha256.hash(new byte[1]), 0, 1)).isEmpty();
            assertThat(store.nars().openNar(Sha256.hash(new byte[1]))).isEmpty();
        }
    }

    @Test
    void next_afterTheLast_isNullAgain(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(2);
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = store.add("path", nar);
            for (long length : new long[] {nar.length, 1000}) {
                try (NarReader reader =
                        store.nars().openRange(info.narHash(), 0, length).orElseThrow()) {
                    while (reader.next() != null) {
                        assertThat(reader.length()).isEqualTo(length);
                    }
                    assertThat(reader.next()).isNull();
                    assertThat(reader.next()).isNull();
                }
            }
        }
    }

    @Test
    void close_twiceOrEarlyOrNever_leavesOthersAlone(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 6 << 20));
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = store.add("path", nar);
            List<NarReader> forgotten = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                NarReader reader = store.nars().openNar(info.narHash()).orElseThrow();
                reader.next();
                if (i % 2 == 0) {
                    reader.close();
                    reader.close();
                } else {
                    forgotten.add(reader);
                }
            }
            assertThat(store.read(info.narHash())).isEqualTo(nar);
            for (NarReader reader : forgotten) {
                reader.close();
            }
            assertThat(store.read(info.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void next_readersTakingTurns_giveEachItsOwnBytes(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            List<byte[]> nars = List.of(Nars.random(1), Nars.file(Nars.noise(2, 3 << 20)), Nars.random(3));
            List<NarReader> readers = new ArrayList<>();
            List<ByteArrayOutputStream> read = new ArrayList<>();
            for (byte[] nar : nars) {
                PathInfo info = store.add("path", nar);
                for (int i = 0; i < 3; i++) {
                    readers.add(store.nars().openNar(info.narHash()).orElseThrow());
                    read.add(new ByteArrayOutputStream());
                }
            }
            boolean more = true;
            while (more) {
                more = false;
                for (int i = 0; i < readers.size(); i++) {
                    NarSlice slice = readers.get(i).next();
                    if (slice != null) {
                        more = true;
                        read.get(i).write(slice.array(), slice.offset(), slice.length());
                    }
                }
            }
            for (int i = 0; i < readers.size(); i++) {
                readers.get(i).close();
                assertThat(read.get(i).toByteArray()).isEqualTo(nars.get(i / 3));
            }
        }
    }

    static Recipe recipe(TestStore store, Sha256 hash) throws IOException {
        NarEntry entry = NarEntry.decode(value(store, Table.NAR, hash));
        return Recipe.decode(value(store, Table.RECIPE, entry.recipe()));
    }

    private static byte[] value(TestStore store, Table table, Sha256 key) throws IOException {
        byte[] value = store.blocks().get(table, key.bytes());
        if (value == null) {
            throw new IOException(table + " has no " + key.toHex());
        }
        return value;
    }
}
