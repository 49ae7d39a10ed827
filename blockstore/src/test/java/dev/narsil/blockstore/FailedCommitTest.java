package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.blockstore.testing.WatchedBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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

/** What happens to ingests, publications and blocks when a commit fails. */
class FailedCommitTest {

    /** Makes the next commits fail, this many. */
    private final AtomicInteger failures = new AtomicInteger();

    private final ConcurrentLinkedQueue<String> missing = new ConcurrentLinkedQueue<>();

    static LongStream seeds() {
        return Seeds.fresh(4);
    }

    private TestStore open(Path directory) throws IOException {
        return TestStore.open(
                directory,
                blocks -> new WatchedBlockStore(
                        ConcurrentIngestTest.checked(blocks, missing), (store, entries) -> failIfDue()));
    }

    private void failIfDue() throws StoreException {
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new StoreException(StoreException.Kind.FULL, "no space is left");
        }
    }

    @Test
    void commit_fails_publicationsFailAndALaterImportIsComplete(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(1);
        PathInfo info = TestStore.info("path", nar);
        try (TestStore store = open(directory)) {
            failures.set(1);
            store.ingest(nar);
            CompletableFuture<Void> published = store.nars().publish(info);
            assertFull(() -> store.nars().flush());
            assertFull(() -> TestStore.await(published));
            assertThat(store.nars().hasNar(info.narHash())).isFalse();
            assertThat(store.nars().path(info.path().digest())).isEmpty();
            assertThatThrownBy(() -> store.nars().publish(info)).hasMessageContaining("not stored");

            store.add("path", nar);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
            assertSound(store);
        }
    }

    @Test
    void commit_failsWhileAnIngestReliesOnItsBlocks_failsThatIngest(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(2);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = open(directory);
                NarIngest relying = store.nars().ingest(hash, nar.length)) {
            store.ingest(nar);
            // everything here is claimed by the first ingest
            relying.write(nar, 0, nar.length);
            failures.set(1);
            assertFull(() -> store.nars().flush());
            assertFull(relying::finish);
            assertThat(store.nars().hasNar(hash)).isFalse();
            store.add("path", nar);
            assertThat(store.read(hash)).isEqualTo(nar);
            assertSound(store);
        }
    }

    @Test
    void commit_failsAfterANarThatReliesOnItWasFinished_failsItsPublication(@TempDir Path directory) throws Exception {
        byte[] one = Nars.files(Nars.noise(1, 100_000), Nars.noise(2, 100_000));
        byte[] two = Nars.files(Nars.noise(1, 100_000), Nars.noise(3, 100_000));
        CountDownLatch committing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger commits = new AtomicInteger();
        try (ExecutorService threads = Executors.newSingleThreadExecutor();
                TestStore store = TestStore.open(
                        directory,
                        blocks -> new WatchedBlockStore(
                                ConcurrentIngestTest.checked(blocks, missing), (inner, entries) -> {
                                    if (commits.getAndIncrement() == 0) {
                                        committing.countDown();
                                        awaitUnchecked(go);
                                        throw new StoreException(StoreException.Kind.FULL, "no space is left");
                                    }
                                }))) {
            store.ingest(one);
            Future<?> flush = threads.submit(() -> {
                store.nars().flush();
                return null;
            });
            committing.await();
            // relies on blocks of the commit that is about to fail
            store.ingest(two);
            CompletableFuture<Void> published = store.nars().publish(TestStore.info("two", two));
            CompletableFuture<Void> publishedOne = store.nars().publish(TestStore.info("one", one));
            go.countDown();
            assertThatThrownBy(flush::get).hasRootCauseInstanceOf(StoreException.class);
            assertFull(() -> TestStore.await(published));
            assertFull(() -> TestStore.await(publishedOne));
            store.nars().flush();
            assertThat(store.nars().stats().nars()).isZero();

            store.add("two", two);
            store.add("one", one);
            assertThat(store.read(Sha256.hash(one))).isEqualTo(one);
            assertThat(store.read(Sha256.hash(two))).isEqualTo(two);
            assertSound(store);
        }
    }

    @Test
    void commit_failsTwice_blocksWaitingInLanesAreNotLost(@TempDir Path directory) throws IOException {
        byte[] one = Nars.random(11);
        byte[] two = Nars.files(Nars.noise(1, 300_000), Nars.noise(2, 10));
        try (TestStore store = open(directory);
                NarIngest half = store.nars().ingest(Sha256.hash(two), two.length)) {
            store.ingest(one);
            half.write(two, 0, two.length / 2);
            failures.set(2);
            assertFull(() -> store.nars().flush());
            // claimed after the first failure, by an ingest that is lost already
            half.write(two, two.length / 2, two.length - two.length / 2);
            store.ingest(two);
            assertFull(() -> store.nars().flush());
            assertFull(half::finish);
            store.add("two", two);
            store.add("one", one);
            assertThat(store.read(Sha256.hash(one))).isEqualTo(one);
            assertThat(store.read(Sha256.hash(two))).isEqualTo(two);
            assertSound(store);
        }
    }

    @Test
    void commit_throwsWhatItMayNot_failsTheGroupAndTheNextGoesOn(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(3);
        AtomicInteger commits = new AtomicInteger();
        try (TestStore store = TestStore.open(
                directory,
                blocks -> new WatchedBlockStore(blocks, (inner, entries) -> {
                    if (commits.getAndIncrement() == 0) {
                        throw new IllegalStateException("a fault");
                    }
                }))) {
            store.ingest(nar);
            CompletableFuture<Void> published = store.nars().publish(TestStore.info("path", nar));
            assertThatThrownBy(() -> TestStore.await(published))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("a fault");
            store.add("path", nar);
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
        }
    }

    @Test
    void commit_endsWithAnError_nobodyWaitsForEver(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(3);
        try (TestStore store = TestStore.open(
                directory,
                blocks -> new WatchedBlockStore(blocks, (inner, entries) -> {
                    throw new ExpectedError();
                }))) {
            store.ingest(nar);
            CompletableFuture<Void> published = store.nars().publish(TestStore.info("path", nar));
            assertThatThrownBy(() -> store.nars().flush()).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> TestStore.await(published)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.ingest(nar)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.nars().flush()).isInstanceOf(StoreException.class);
        }
    }

    private static final class ExpectedError extends Error {
        private static final long serialVersionUID = 1L;

        ExpectedError() {
            super("thrown by a test, to end the committer");
        }
    }

    @Test
    void close_lastCommitFails_failsWhatWasPublished(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(3);
        CompletableFuture<Void> published;
        try (TestStore store = open(directory)) {
            store.ingest(nar);
            published = store.nars().publish(TestStore.info("path", nar));
            failures.set(1);
        }
        assertFull(() -> TestStore.await(published));
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.nars().stats().paths()).isZero();
            assertSound(store);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void commit_failsNowAndThenUnderManyIngests_nothingReportedIsIncomplete(long seed, @TempDir Path directory)
            throws Exception {
        Random faults = new Random(seed);
        Set<String> reported = ConcurrentHashMap.newKeySet();
        List<byte[]> nars = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            nars.add(Nars.files(
                    Nars.noise(seed + i % 5, 90_000), Nars.noise(seed + i % 7, 70_000), Nars.noise(seed + i, 20_000)));
        }
        try (TestStore store = TestStore.open(
                        directory,
                        blocks -> new WatchedBlockStore(
                                ConcurrentIngestTest.checked(blocks, missing), (inner, entries) -> {
                                    if (faults.nextInt(3) == 0 && holds(entries, Table.NAR)) {
                                        throw new StoreException(StoreException.Kind.FULL, "no space is left");
                                    }
                                }));
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Random order = new Random(seed + t);
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 60; i++) {
                        addOrFail(store, nars.get(order.nextInt(nars.size())), reported);
                    }
                    return null;
                }));
            }
            for (Future<?> thread : running) {
                thread.get();
            }
            assertThat(missing).isEmpty();
        }
        try (TestStore store = TestStore.open(directory)) {
            assertSound(store);
            assertThat(store.nars().stats().paths()).isEqualTo(reported.size()).isPositive();
            for (byte[] nar : nars) {
                Sha256 hash = Sha256.hash(nar);
                if (reported.contains(hash.toHex())) {
                    assertThat(store.read(hash)).isEqualTo(nar);
                }
            }
            for (byte[] nar : nars) {
                store.add(Sha256.hash(nar).toHex(), nar);
                assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            }
            assertSound(store);
        }
    }

    private static void addOrFail(TestStore store, byte[] nar, Set<String> reported) throws IOException {
        String name = Sha256.hash(nar).toHex();
        try {
            store.ingest(nar);
            CompletableFuture<Void> published = store.nars().publish(TestStore.info(name, nar));
            flushOrFail(store);
            TestStore.await(published);
            reported.add(name);
        } catch (StoreException e) {
            assertThat(e).hasMessageMatching(".*(no space is left|is not stored).*");
        }
    }

    /** Flushes; what fails may be another's. */
    private static void flushOrFail(TestStore store) throws IOException {
        try {
            store.nars().flush();
        } catch (StoreException e) {
            assertThat(e).hasMessageContaining("no space is left");
        }
    }

    private static boolean holds(List<Entry> entries, Table table) {
        return entries.stream().anyMatch(entry -> entry.table() == table);
    }

    private void assertSound(TestStore store) throws IOException {
        assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        assertThat(missing).isEmpty();
    }

    private static void assertFull(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL))
                .hasMessageContaining("no space is left");
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
