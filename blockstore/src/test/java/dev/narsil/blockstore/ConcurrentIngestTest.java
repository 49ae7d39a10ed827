package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.References;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.blockstore.testing.WatchedBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.testing.Splits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConcurrentIngestTest {

    static LongStream seeds() {
        return Seeds.fresh(3);
    }

    /** NARs of a few shared parts, so that most blocks are claimed by one ingest and relied on by others. */
    private static List<byte[]> sharingNars(long seed) {
        Random random = new Random(seed);
        List<byte[]> nars = new ArrayList<>();
        for (int i = 0; i < 48; i++) {
            byte[][] parts = new byte[1 + random.nextInt(5)][];
            for (int k = 0; k < parts.length; k++) {
                int part = random.nextInt(24);
                parts[k] = Nars.noise(seed + part, 16_000 + 9_000 * part);
            }
            nars.add(Nars.files(parts));
        }
        return nars;
    }

    static List<Sha256> blocksOf(byte[] recipe) throws IOException {
        Recipe decoded = Recipe.decode(recipe);
        List<Sha256> blocks = new ArrayList<>();
        for (int i = 0; i < decoded.blocks(); i++) {
            blocks.add(decoded.id(i));
        }
        return blocks;
    }

    /** Looks at every commit for what it refers to and is not there. */
    static WatchedBlockStore checked(BlockStore blocks, ConcurrentLinkedQueue<String> missing) {
        return new WatchedBlockStore(blocks, (store, entries) -> {
            try {
                missing.addAll(References.missing(store, entries, ConcurrentIngestTest::blocksOf));
            } catch (IOException e) {
                missing.add(e.toString());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_manyThreadsSharingBlocks_everyCommitIsComplete(long seed, @TempDir Path directory) throws Exception {
        List<byte[]> nars = sharingNars(seed);
        ConcurrentLinkedQueue<String> missing = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        try (TestStore store = TestStore.open(directory, blocks -> checked(blocks, missing));
                ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                long threadSeed = seed + i;
                boolean flushes = i % 2 == 0;
                running.add(threads.submit(() -> {
                    Random random = new Random(threadSeed);
                    for (int n = next.getAndIncrement(); n < 2 * nars.size(); n = next.getAndIncrement()) {
                        byte[] nar = nars.get(n % nars.size());
                        try (NarIngest ingest = store.nars().ingest(Sha256.hash(nar), nar.length)) {
                            Splits.random(nar, 100_000, random, ingest::write);
                            ingest.finish();
                        }
                        CompletableFuture<Void> published = store.nars().publish(TestStore.info("path" + n, nar));
                        if (flushes) {
                            store.nars().flush();
                            TestStore.await(published);
                            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> thread : running) {
                thread.get();
            }
            store.nars().flush();
            assertThat(missing).isEmpty();
            StoreStats stats = store.nars().stats();
            assertThat(stats.paths()).isEqualTo(2L * nars.size());
            for (byte[] nar : nars) {
                assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            }
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }

    @Test
    void ingest_sameNarTwiceAtOnce_storesItOnce(@TempDir Path directory) throws Exception {
        byte[] nar = Nars.random(1);
        try (TestStore store = TestStore.open(directory);
                NarIngest one = store.nars().ingest(Sha256.hash(nar), nar.length);
                NarIngest two = store.nars().ingest(Sha256.hash(nar), nar.length)) {
            int half = nar.length / 2;
            one.write(nar, 0, half);
            two.write(nar, 0, nar.length);
            two.finish();
            one.write(nar, half, nar.length - half);
            one.finish();
            store.nars().flush();
            StoreStats stats = store.nars().stats();
            assertThat(stats.nars()).isEqualTo(1);
            assertThat(stats.recipes()).isEqualTo(1);
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            VerifyReport report = store.nars().verify(VerifyProgress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.blocks()).isEqualTo(stats.blocks());
        }
    }

    /**
     * One ingest waits for room with a block that another ingest of the same NAR relies on: the other may be committed only
     * with the block.
     */
    @Test
    void ingest_waitingForRoomWithABlockOthersRelyOn_isWaitedFor(@TempDir Path directory) throws Exception {
        byte[] shared = Nars.file(Nars.noise(1, 10_000));
        CountDownLatch firstCommit = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ConcurrentLinkedQueue<String> missing = new ConcurrentLinkedQueue<>();
        try (TestStore store = TestStore.open(
                        directory,
                        blocks -> new WatchedBlockStore(checked(blocks, missing), (inner, entries) -> {
                            firstCommit.countDown();
                            awaitQuietly(go);
                        }));
                ExecutorService threads = Executors.newCachedThreadPool()) {
            store.ingest(Nars.small(1));
            Future<?> flushing = threads.submit(() -> {
                store.nars().flush();
                return null;
            });
            firstCommit.await();
            // fills the open group beyond its bound, so that the next block of anybody waits
            int size = (int) (CommitQueue.MAX_WAITING_BYTES / 4);
            for (int i = 0; i < 3; i++) {
                store.ingest(Nars.file(Nars.noise(100 + i, size)));
            }
            Thread filler = ingesting(store, Nars.file(Nars.noise(200, size + (4 << 20))));
            awaitWaiting(filler);
            Thread one = ingesting(store, shared);
            awaitWaiting(one);
            Thread two = ingesting(store, shared);
            awaitWaiting(two);
            go.countDown();
            for (Thread thread : List.of(filler, one, two)) {
                thread.join();
            }
            flushing.get();
            store.nars().flush();
            assertThat(missing).isEmpty();
            assertThat(store.read(Sha256.hash(shared))).isEqualTo(shared);
        }
    }

    private static Thread ingesting(TestStore store, byte[] nar) {
        return Thread.ofPlatform().start(() -> {
            try {
                store.ingest(nar);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    /** Waits until a thread waits or has ended. */
    private static void awaitWaiting(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TERMINATED) {
            Thread.sleep(1);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
