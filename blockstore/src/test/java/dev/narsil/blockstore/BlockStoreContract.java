package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link BlockStore} has to do. */
public abstract class BlockStoreContract {

    /** Opens the store of {@code directory}, an empty one the first time. */
    protected abstract BlockStore open(Path directory) throws IOException;

    /** Tells whether packs are kept, rather than counted. */
    protected abstract boolean keepsPacks();

    private static byte[] key(int number) {
        byte[] key = new byte[32];
        new Random(number).nextBytes(key);
        return key;
    }

    private static byte[] value(int number) {
        return Nars.noise(number, 1 + number % 700);
    }

    @ParameterizedTest
    @EnumSource(value = Table.class, mode = EnumSource.Mode.EXCLUDE, names = "PACK")
    void get_afterCommit_givesTheValueOfThisTableOnly(Table table, @TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            assertThat(store.get(table, key(1))).isNull();
            store.commit(List.of(new Entry(table, key(1), value(1))));
            assertThat(store.get(table, key(1))).isEqualTo(value(1));
            assertThat(store.get(table, key(2))).isNull();
            for (Table other : Table.values()) {
                if (other != table) {
                    assertThat(store.get(other, key(1))).as(other.name()).isNull();
                }
            }
            store.commit(List.of(new Entry(table, key(1), value(2))));
            assertThat(store.get(table, key(1))).isEqualTo(value(2));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Table.class, mode = EnumSource.Mode.EXCLUDE, names = "PACK")
    void commit_nullValue_deletesTheKeyOfThisTableOnly(Table table, @TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            List<Entry> entries = new ArrayList<>();
            for (Table each : Table.values()) {
                if (each != Table.PACK) {
                    entries.add(new Entry(each, key(1), value(1)));
                }
            }
            store.commit(entries);
            store.commit(List.of(new Entry(table, key(1), null), new Entry(table, key(2), null)));
            for (Table each : Table.values()) {
                if (each != Table.PACK) {
                    assertThat(store.get(each, key(1))).as(each.name()).isEqualTo(each == table ? null : value(1));
                }
            }
        }
    }

    @Test
    void commit_oneKeySeveralTimes_takesTheLast(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            store.commit(List.of(
                    new Entry(Table.ALIAS, key(1), value(1)),
                    new Entry(Table.ALIAS, key(1), null),
                    new Entry(Table.ALIAS, key(2), null),
                    new Entry(Table.ALIAS, key(2), value(2))));
            assertThat(store.get(Table.ALIAS, key(1))).isNull();
            assertThat(store.get(Table.ALIAS, key(2))).isEqualTo(value(2));
        }
    }

    @Test
    void getAll_someMissingSomeTwice_keepsTheOrder(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < 100; i += 2) {
                entries.add(new Entry(Table.BLOCK, key(i), value(i)));
            }
            store.commit(entries);
            List<byte[]> keys = new ArrayList<>();
            List<byte[]> expected = new ArrayList<>();
            Random random = new Random(7);
            for (int i = 0; i < 300; i++) {
                int number = random.nextInt(100);
                keys.add(key(number));
                expected.add(number % 2 == 0 ? value(number) : null);
            }
            assertThat(store.getAll(Table.BLOCK, keys).toArray()).isEqualTo(expected.toArray());
            assertThat(store.getAll(Table.BLOCK, List.of())).isEmpty();
            assertThat(store.getAll(Table.NAR, keys)).hasSize(300).containsOnlyNulls();
        }
    }

    @Test
    void scan_afterCommits_visitsKeysInTheirUnsignedOrder(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                keys.add(key(i));
                store.commit(
                        List.of(new Entry(Table.NAR, key(i), value(i)), new Entry(Table.PATH, key(i + 50), value(i))));
            }
            keys.sort(Arrays::compareUnsigned);
            List<byte[]> visited = new ArrayList<>();
            store.scan(Table.NAR, (key, value) -> {
                visited.add(key);
                assertThat(value).isEqualTo(store.get(Table.NAR, key));
            });
            assertThat(visited.toArray()).isEqualTo(keys.toArray());
            store.scan(Table.RECIPE, (key, value) -> assertThat(key).isNull());
        }
    }

    @Test
    void scan_commitMeanwhile_isNotSeen(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            byte[] first = new byte[32];
            byte[] last = new byte[32];
            Arrays.fill(last, (byte) -1);
            store.commit(List.of(new Entry(Table.NAR, first, value(1))));
            List<byte[]> visited = new ArrayList<>();
            store.scan(Table.NAR, (key, value) -> {
                visited.add(key);
                store.commit(List.of(new Entry(Table.NAR, last, value(2))));
            });
            assertThat(visited).hasSize(1);
            assertThat(store.get(Table.NAR, last)).isEqualTo(value(2));
        }
    }

    @Test
    void scan_visitorThrows_passesItOn(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            store.commit(List.of(new Entry(Table.NAR, key(1), value(1))));
            IOException thrown = new IOException("enough");
            assertThatThrownBy(() -> store.scan(Table.NAR, (key, value) -> {
                        throw thrown;
                    }))
                    .isSameAs(thrown);
        }
    }

    @Test
    void commit_manyTables_becomesVisibleAtOnce(@TempDir Path directory) throws Exception {
        try (BlockStore store = open(directory);
                ExecutorService reader = Executors.newSingleThreadExecutor()) {
            AtomicBoolean done = new AtomicBoolean();
            Future<Integer> torn = reader.submit(() -> {
                int count = 0;
                while (!done.get()) {
                    // the later of a pair is read first: if it is there, so must be the earlier
                    for (int i = 0; i < 60; i++) {
                        boolean later = store.get(Table.PATH, key(i)) != null;
                        boolean earlier = store.get(Table.BLOCK, key(i)) != null;
                        boolean laterAgain = store.get(Table.PATH, key(i)) != null;
                        count += (later && !earlier) || (earlier && !laterAgain) ? 1 : 0;
                    }
                }
                return count;
            });
            for (int i = 0; i < 60; i++) {
                store.commit(List.of(
                        new Entry(Table.BLOCK, key(i), value(i)),
                        new Entry(Table.RECIPE, key(i), value(i)),
                        new Entry(Table.PATH, key(i), value(i))));
            }
            done.set(true);
            assertThat(torn.get()).isZero();
        }
    }

    @Test
    void commit_nothing_isFine(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            store.commit(List.of());
            assertThat(store.nextPack()).isZero();
        }
    }

    @Test
    void nextPack_afterPacks_isAboveThemAll(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            assertThat(store.nextPack()).isZero();
            store.commit(List.of(pack(0, 100), pack(1, 100)));
            assertThat(store.nextPack()).isEqualTo(2);
            store.commit(List.of(new Entry(Table.NAR, key(1), value(1))));
            assertThat(store.nextPack()).isEqualTo(2);
            store.commit(List.of(pack(7, 100)));
            assertThat(store.nextPack()).isEqualTo(8);
        }
    }

    @Test
    void packs_smallAndLarge_areKeptOrCounted(@TempDir Path directory) throws IOException {
        try (BlockStore store = open(directory)) {
            store.commit(List.of(pack(0, 1000), new Entry(Table.NAR, key(0), value(0))));
            store.commit(List.of(pack(1, 3 << 20), pack(2, 1), new Entry(Table.NAR, key(1), value(1))));
            for (int i = 0; i < 3; i++) {
                byte[] read = store.get(Table.PACK, PackCache.key(i));
                if (keepsPacks()) {
                    assertThat(read)
                            .isEqualTo(pack(i, i == 0 ? 1000 : i == 1 ? 3 << 20 : 1)
                                    .value());
                } else {
                    assertThat(read).isNull();
                }
            }
            assertThat(store.get(Table.NAR, key(0))).isEqualTo(value(0));
            assertThat(store.get(Table.NAR, key(1))).isEqualTo(value(1));
            assertThat(store.diskUsage().packBytes()).isGreaterThanOrEqualTo(3 << 20);
            assertThat(store.diskUsage().otherBytes()).isPositive();
        }
    }

    private static Entry pack(long number, int bytes) {
        return new Entry(Table.PACK, PackCache.key(number), Nars.noise(number, bytes));
    }

    @Test
    void use_afterClose_isRefused(@TempDir Path directory) throws IOException {
        BlockStore store = open(directory);
        store.commit(List.of(new Entry(Table.NAR, key(1), value(1))));
        store.close();
        store.close();
        assertClosed(() -> store.get(Table.NAR, key(1)));
        assertClosed(() -> store.getAll(Table.NAR, List.of(key(1))));
        assertClosed(() -> store.scan(Table.NAR, (key, value) -> {}));
        assertClosed(() -> store.commit(List.of(new Entry(Table.NAR, key(1), value(1)))));
        assertClosed(store::verifyChecksums);
    }

    @Test
    void close_whileOthersRead_waitsForThemAndEndsThem(@TempDir Path directory) throws Exception {
        try (ExecutorService readers = Executors.newFixedThreadPool(4)) {
            BlockStore store = open(directory);
            store.commit(List.of(new Entry(Table.NAR, key(1), value(1))));
            List<Future<StoreException>> ends = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean scan = i % 2 == 0;
                ends.add(readers.submit(() -> readUntilClosed(store, scan)));
            }
            store.close();
            for (Future<StoreException> end : ends) {
                assertThat(end.get()).hasMessageContaining("closed");
            }
        }
    }

    private static StoreException readUntilClosed(BlockStore store, boolean scan) throws IOException {
        while (true) {
            try {
                if (scan) {
                    store.scan(Table.NAR, (key, value) -> assertThat(value).isEqualTo(value(1)));
                } else {
                    assertThat(store.get(Table.NAR, key(1))).isEqualTo(value(1));
                }
            } catch (StoreException e) {
                return e;
            }
        }
    }

    private static void assertClosed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StoreException.class).hasMessageContaining("closed");
    }
}
