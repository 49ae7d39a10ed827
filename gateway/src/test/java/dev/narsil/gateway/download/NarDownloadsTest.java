package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.importer.FullDisk;
import dev.narsil.gateway.source.Compression;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from holders that do as they should, and the room that there is for them. */
@Timeout(120)
class NarDownloadsTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void open_eachCompression_givesTheNarAndStoresIt(Compression compression) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(compression, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            fixture.awaitIdle();
            assertThat(fixture.stored()).isEqualTo(fixture.nar);
            assertThat(fixture.store.path(fixture.path.path().digest())).contains(fixture.path);
            assertThat(fixture.spoolFiles()).isZero();
            assertThat(fixture.downloads.state().stored()).isOne();
            assertThat(fixture.downloads.state().spoolBytes()).isZero();
            assertThat(fixture.downloads.state().readers()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 60_000, 65_536, 70_000})
    void open_smallNar_givesTheNar(int size) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(2, size))) {
            fixture.holder(Compression.XZ, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);
        }
    }

    @Test
    void offer_nobodyHasIt_isEmpty() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, 100))) {
            assertThat(fixture.downloads.offer(fixture.narHash)).isEmpty();
        }
    }

    @Test
    void offer_alone_downloadsNothing() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, 100))) {
            FaultyServer server = fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThat(fixture.downloads.offer(fixture.narHash).orElseThrow().narSize())
                    .isEqualTo(fixture.nar.length);
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void open_offeredDownloadHasEnded_isEmptyAndAsksNobody() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE);
            NarOffer running;
            try (DownloadReader reader = fixture.open()) {
                running = fixture.downloads.running(fixture.narHash).orElseThrow();
                assertThat(DownloadFixture.rest(reader)).isEqualTo(fixture.nar);
            }
            fixture.awaitIdle();
            int lookUps = fixture.lookUps();

            assertThat(running.open(0, fixture.nar.length)).isEmpty();

            assertThat(fixture.lookUps()).isEqualTo(lookUps);
        }
    }

    @Test
    void open_manyClientsAtOnce_oneDownloadServesAll() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer server = fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            List<Future<byte[]>> bodies = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                long from = i % 5 * (long) (SIZE / 5);
                bodies.add(clients.submit(() -> fixture.read(from, fixture.nar.length - from)));
            }
            DownloadFixture.await(() -> fixture.downloads.state().readers() == 50);
            hold.countDown();

            for (int i = 0; i < 50; i++) {
                int from = i % 5 * (SIZE / 5);
                assertThat(bodies.get(i).get()).isEqualTo(Arrays.copyOfRange(fixture.nar, from, fixture.nar.length));
            }
            assertThat(server.requests()).isOne();
            assertThat(fixture.downloads.state().started()).isOne();
            assertThat(fixture.downloads.state().joined()).isEqualTo(49);
        }
    }

    @Test
    void open_whileItComes_givesWhatIsThereAndTheRestLater() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        int middle = SIZE / 2;
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(middle, hold));
            try (DownloadReader first = fixture.open();
                    DownloadReader late = fixture.open();
                    DownloadReader part = fixture.open(middle - 1000, 2000 + Part.WITHHELD_BYTES)) {
                byte[] begin = DownloadFixture.some(first, middle);
                assertThat(first.ready()).isFalse();
                assertThat(begin).isEqualTo(Arrays.copyOf(fixture.nar, middle));
                assertThat(DownloadFixture.some(late, middle)).isEqualTo(begin);
                assertThat(DownloadFixture.some(part, 1000))
                        .isEqualTo(Arrays.copyOfRange(fixture.nar, middle - 1000, middle));
                hold.countDown();
                assertThat(DownloadFixture.rest(first))
                        .isEqualTo(Arrays.copyOfRange(fixture.nar, middle, fixture.nar.length));
                assertThat(DownloadFixture.rest(part))
                        .isEqualTo(Arrays.copyOfRange(fixture.nar, middle, middle + 1000 + Part.WITHHELD_BYTES));
                fixture.awaitIdle();
                assertThat(fixture.spoolFiles()).isZero();
                assertThat(DownloadFixture.rest(late))
                        .isEqualTo(Arrays.copyOfRange(fixture.nar, middle, fixture.nar.length));
                assertThat(fixture.downloads.state().spoolBytes()).isEqualTo(fixture.nar.length);
            }
            assertThat(fixture.downloads.state().spoolBytes()).isZero();
        }
    }

    @Test
    void open_slowClient_doesNotHoldUpOthersNorTheStore() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE);
            try (DownloadReader slow = fixture.open()) {
                assertThat(slow.next()).isNotNull();
                assertThat(fixture.read()).isEqualTo(fixture.nar);
                fixture.awaitIdle();
                assertThat(fixture.stored()).isEqualTo(fixture.nar);
                assertThat(fixture.downloads.state().readers()).isOne();
            }
        }
    }

    @Test
    void open_noRoomInTheSpool_isBusy() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        DownloadLimits limits = DownloadFixture.LIMITS.withSpool(SIZE, 0);
        try (DownloadFixture fixture =
                        new DownloadFixture(directory.resolve("a"), DownloadFixture.nar(1, SIZE), limits, s -> s);
                DownloadFixture full = new DownloadFixture(
                        directory.resolve("b"),
                        DownloadFixture.nar(1, SIZE),
                        DownloadFixture.LIMITS.withSpool(SIZE, Long.MAX_VALUE),
                        s -> s)) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            full.holder(Compression.NONE, request -> Fault.NONE);

            // larger than the spool, but alone
            try (DownloadReader reader = fixture.open()) {
                assertThat(reader.next()).isNotNull();
                hold.countDown();
            }
            assertBusy(full::read);
            assertThat(full.downloads.state().refused()).isOne();
            assertThat(full.downloads.state().spoolBytes()).isZero();
        }
    }

    @Test
    void open_pathWasPublishedMeanwhile_signaturesAddUp() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            PathInfo signedHere = PathMerge.withSignatures(
                    new PathInfo(
                            fixture.path.path(),
                            fixture.narHash,
                            null,
                            fixture.nar.length,
                            List.of(),
                            null,
                            null,
                            List.of(),
                            null,
                            List.of()),
                    List.of("here-1:c2lnbmF0dXJl"));
            try (DownloadReader reader = fixture.open()) {
                assertThat(reader.next()).isNotNull();
                try (NarIngest ingest = fixture.store.ingest(fixture.narHash, fixture.nar.length)) {
                    ingest.write(fixture.nar, 0, fixture.nar.length);
                    var _ = ingest.finish();
                }
                fixture.store.publish(signedHere).get();
                hold.countDown();
                assertThat(DownloadFixture.rest(reader)).isNotEmpty();
            }
            fixture.awaitIdle();

            assertThat(fixture.store
                            .path(fixture.path.path().digest())
                            .orElseThrow()
                            .signatures())
                    .containsExactly("here-1:c2lnbmF0dXJl", "test-1:c2lnbmF0dXJl");
        }
    }

    @Test
    void open_storeIsFull_clientHasTheNarAndNothingIsStored() throws Exception {
        try (DownloadFixture fixture =
                new DownloadFixture(directory, DownloadFixture.nar(1, SIZE), DownloadFixture.LIMITS, FullDisk::new)) {
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            fixture.assertNothingStored();
            assertThat(fixture.downloads.state().notStored()).isOne();
        }
    }

    @Test
    void start_filesOfACrash_areDeleted() throws Exception {
        Path spool = Files.createDirectories(directory.resolve(NarDownloads.SPOOL_DIRECTORY));
        Files.writeString(spool.resolve("17"), "left");
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, 100))) {
            assertThat(fixture.spoolFiles()).isZero();
        }
    }

    @Test
    void close_whileDownloading_readersFailAndNothingIsLeft() throws Exception {
        DownloadReader reader;
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 4));
            reader = fixture.open();
            fixture.downloads.close();

            assertThatThrownBy(() -> DownloadFixture.rest(reader)).isInstanceOf(DownloadException.class);
            reader.close();
            assertThat(fixture.spoolFiles()).isZero();
            assertThatThrownBy(fixture::read).isInstanceOf(DownloadException.class);
        }
    }

    private static void assertBusy(Callable<?> read) {
        assertThatThrownBy(read::call)
                .isInstanceOfSatisfying(
                        DownloadException.class, e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.BUSY));
    }
}
