package dev.narsil.blockstore.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.VerifyProgress;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows when a write has found the disk full. A disk that is really full is a matter of the end-to-end checks. */
class FullDiskTest {

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static List<Entry> entries(int number, int packBytes) {
        return List.of(
                new Entry(Table.PACK, key(number), Nars.noise(number, packBytes)),
                new Entry(Table.NAR, key(number), Nars.noise(number, 100)));
    }

    @Test
    void commit_afterTheDiskWasFull_opensAnewAndFindsEverything(@TempDir Path directory) throws IOException {
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            for (int i = 0; i < 20; i++) {
                store.commit(entries(i, i % 2 == 0 ? 10_000 : 2 << 20));
                if (i % 3 == 0) {
                    store.setFull();
                }
            }
            assertThat(store.isFull()).isFalse();
            assertThat(store.nextPack()).isEqualTo(20);
            for (int i = 0; i < 20; i++) {
                assertThat(store.get(Table.PACK, key(i)))
                        .isEqualTo(entries(i, i % 2 == 0 ? 10_000 : 2 << 20)
                                .getFirst()
                                .value());
                assertThat(store.get(Table.NAR, key(i))).isEqualTo(Nars.noise(i, 100));
            }
        }
    }

    @Test
    void commit_afterTheDiskWasFullWhileOthersRead_disturbsNobody(@TempDir Path directory) throws Exception {
        try (ExecutorService readers = Executors.newFixedThreadPool(3);
                RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            store.commit(entries(0, 10_000));
            AtomicBoolean done = new AtomicBoolean();
            List<Future<Integer>> reading = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                boolean scans = i == 0;
                reading.add(readers.submit(() -> {
                    int reads = 0;
                    while (!done.get()) {
                        assertThat(store.get(Table.NAR, key(0))).isEqualTo(Nars.noise(0, 100));
                        if (scans) {
                            store.scan(
                                    Table.NAR, (_, value) -> assertThat(value).hasSize(100));
                        }
                        reads++;
                    }
                    return reads;
                }));
            }
            for (int i = 1; i < 15; i++) {
                store.setFull();
                store.commit(entries(i, 10_000));
            }
            done.set(true);
            for (Future<Integer> reader : reading) {
                assertThat(reader.get()).isPositive();
            }
        }
    }

    @Test
    void commit_fromWithinAScan_isRefusedRatherThanWaitingForItself(@TempDir Path directory) throws IOException {
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            store.commit(entries(0, 100));
            store.setFull();
            assertThatThrownBy(() -> store.scan(Table.NAR, (_, _) -> store.commit(entries(1, 100))))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL));
            store.commit(entries(1, 100));
            assertThat(store.get(Table.NAR, key(1))).isNotNull();
        }
    }

    @Test
    void get_afterOpeningAnewFailed_opensAnewOnceThatWorks(@TempDir Path directory) throws IOException {
        Path named = directory.resolve("db/CURRENT");
        Path aside = directory.resolve("aside");
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            store.commit(entries(0, 100));
            store.setFull();
            Files.move(named, aside);
            assertThatThrownBy(() -> store.commit(entries(1, 100))).hasMessageContaining("CURRENT");
            assertThatThrownBy(() -> store.get(Table.NAR, key(0))).isInstanceOf(StoreException.class);
            Files.move(aside, named);
            assertThat(readPatiently(store, key(0))).isEqualTo(Nars.noise(0, 100));
            store.commit(entries(1, 100));
            assertThat(store.isFull()).isFalse();
        }
    }

    private static byte @Nullable [] readPatiently(RocksBlockStore store, byte[] key) throws StoreException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (true) {
            try {
                return store.get(Table.NAR, key);
            } catch (StoreException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    @Test
    void commit_whileAScanGoesOn_isRefusedAndKeepsNobodyFromReading(@TempDir Path directory) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(1);
                RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            store.commit(entries(0, 100));
            store.setFull();
            CountDownLatch scanning = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(1);
            Future<?> scan = threads.submit(() -> {
                store.scan(Table.NAR, (_, _) -> {
                    scanning.countDown();
                    awaitQuietly(refused);
                });
                return null;
            });
            awaitQuietly(scanning);
            assertThatThrownBy(() -> store.commit(entries(1, 100))).hasMessageContaining("is being read");
            assertThat(store.get(Table.NAR, key(0))).isEqualTo(Nars.noise(0, 100));
            refused.countDown();
            scan.get(1, TimeUnit.MINUTES);
            store.commit(entries(1, 100));
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void close_afterTheDiskWasFull_losesNothing(@TempDir Path directory) throws IOException {
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            store.commit(entries(0, 100));
            store.commit(entries(1, 2 << 20));
            store.setFull();
        }
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            assertThat(store.get(Table.NAR, key(0))).isNotNull();
            assertThat(store.get(Table.PACK, key(1))).hasSize(2 << 20);
        }
    }

    @Test
    void requireRoom_moreThanThereIs_saysHowMuchThereIs(@TempDir Path directory) throws IOException {
        DataDirectory data = DataDirectory.lock(directory);
        try {
            data.requireRoom(1);
            assertThatThrownBy(() -> data.requireRoom(Long.MAX_VALUE))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL))
                    .hasMessageContaining("bytes are free");
        } finally {
            data.close();
        }
    }

    @Test
    void narStore_afterTheDiskWasFull_takesNarsInAgain(@TempDir Path directory) throws IOException {
        byte[] before = Nars.random(1);
        byte[] after = Nars.random(2);
        RocksBlockStore blocks = RocksBlockStore.open(directory, TestStore.OPTIONS);
        try (TestStore store = TestStore.of(blocks)) {
            store.add("before", before);
            blocks.setFull();
            store.add("after", after);
            assertThat(store.read(Sha256.hash(before))).isEqualTo(before);
            assertThat(store.read(Sha256.hash(after))).isEqualTo(after);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }
}
