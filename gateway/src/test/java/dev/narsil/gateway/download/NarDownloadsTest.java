package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.importer.FullDisk;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileChangedException;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class NarDownloadsTest {

    private static final int SIZE = 1 << 20;

    /** Limits by which no holder is asked because another one is slow to begin. */
    private static final DownloadLimits UNHEDGED =
            DownloadFixture.LIMITS.withTimes(Duration.ofSeconds(60), Duration.ofMillis(500), Duration.ofMillis(50));

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
    void open_otherHolderTurnsUpAfterTheKnownOneFailed_comesFromTheOther() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            CompletableFuture<Void> said = new CompletableFuture<>();
            fixture.holder(Compression.NONE, request -> {
                said.completeAsync(() -> null, CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
                return Fault.NONE.withStatus(404);
            });
            fixture.holder(Compression.XZ, request -> Fault.NONE);
            fixture.lastIsLate(said);

            assertThat(fixture.read()).isEqualTo(fixture.nar);
        }
    }

    @Test
    void open_otherHolderTurnsUpWhileTheKnownOneHangs_comesFromTheOther() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            CompletableFuture<Void> said = new CompletableFuture<>();
            CountDownLatch never = new CountDownLatch(1);
            fixture.patientHolder(Compression.NONE, request -> {
                said.complete(null);
                return Fault.NONE.heldAt(-1, never);
            });
            fixture.holder(Compression.XZ, request -> Fault.NONE);
            fixture.lastIsLate(said);

            assertThat(fixture.read()).isEqualTo(fixture.nar);
            never.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "XZ"})
    void open_holderIsSlowAllTheTime_isContinuedFromOneWhoIsNot(Compression compression) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(5, 16 << 20))) {
            fixture.holder(
                    holder -> new SlowHolder(holder, NarOrigin.IPFS, 10_000_000),
                    Compression.NONE,
                    request -> Fault.NONE);
            FaultyServer other = fixture.holder(compression, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            // once to see how fast it is, then from where the first was
            assertThat(other.requests()).isEqualTo(2);
            assertThat(fixture.downloads.state().switched()).isOne();
        }
    }

    @Test
    void open_otherHolderIsAsSlow_staysWhereItIs() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(6, 4 << 20))) {
            fixture.holder(
                    holder -> new SlowHolder(holder, NarOrigin.HTTP, 20_000_000),
                    Compression.NONE,
                    request -> Fault.NONE);
            fixture.holder(
                    holder -> new SlowHolder(holder, NarOrigin.IPFS, 20_000_000),
                    Compression.NONE,
                    request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);
            assertThat(fixture.downloads.state().switched()).isZero();
        }
    }

    @Test
    void open_nobodyTurnsUpLate_isRefusedOnceThatIsKnown() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.withStatus(404));
            fixture.holder(Compression.NONE, request -> Fault.NONE.withStatus(404));
            fixture.lastIsLate(CompletableFuture.completedFuture(null));

            assertThatThrownBy(fixture::read).isInstanceOf(DownloadException.class);
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
    void open_clientLeavesBeforeItsFirstByte_waitsNoLongerAndOthersGoOn() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            NarOffer offer = fixture.downloads.offer(fixture.narHash).orElseThrow();
            CompletableFuture<Runnable> leaves = new CompletableFuture<>();
            Future<?> lost = clients.submit(() -> offer.open(fixture.nar.length - 1, 1, leaves::complete));
            Future<byte[]> stays = clients.submit(() -> fixture.read());

            leaves.get().run();

            assertThatThrownBy(lost::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            DownloadException.class,
                            e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.CANCELLED));
            DownloadFixture.await(() -> fixture.downloads.state().readers() == 1);
            hold.countDown();
            assertThat(stays.get()).isEqualTo(fixture.nar);
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
                byte[] begin = some(first, middle);
                assertThat(first.ready()).isFalse();
                assertThat(begin).isEqualTo(Arrays.copyOf(fixture.nar, middle));
                assertThat(some(late, middle)).isEqualTo(begin);
                assertThat(some(part, 1000)).isEqualTo(Arrays.copyOfRange(fixture.nar, middle - 1000, middle));
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
    void open_wrongLastByte_lastBytesAreNeverGiven() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(fixture.nar.length - 1));
            ByteArrayOutputStream got = new ByteArrayOutputStream();

            assertThatThrownBy(() -> readInto(fixture, got)).isInstanceOf(DownloadException.class);

            assertThat(got.size()).isLessThanOrEqualTo(fixture.nar.length - Part.WITHHELD_BYTES);
            assertNothingStored(fixture);
            assertThat(fixture.downloads.state().mismatches()).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 65_536, 200_000})
    void open_rangeThatEndsBeforeWrongBytes_isNeverComplete(int length) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(SIZE / 2));
            ByteArrayOutputStream got = new ByteArrayOutputStream();

            assertThatThrownBy(() -> readInto(fixture, 1000, length, got)).isInstanceOf(DownloadException.class);

            assertThat(got.size()).isLessThanOrEqualTo(Math.max(0, length - Part.WITHHELD_BYTES));
            assertNothingStored(fixture);
        }
    }

    @Test
    void open_smallRangeOfWhatComes_waitsForTheProof() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            try (DownloadReader whole = fixture.open()) {
                assertThat(some(whole, SIZE / 2)).hasSize(SIZE / 2);
                Future<byte[]> part = clients.submit(() -> fixture.read(10, 1000));
                DownloadFixture.await(() -> fixture.downloads.state().readers() == 2);
                assertThat(part.isDone()).isFalse();
                hold.countDown();

                assertThat(part.get()).isEqualTo(Arrays.copyOfRange(fixture.nar, 10, 1010));
            }
        }
    }

    @Test
    void open_smallNarWrongAtTheBest_isHadElsewhereUnnoticed() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, 1000))) {
            FaultyServer wrong = fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(500));
            fixture.holder(Compression.XZ, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(wrong.requests()).isOne();
            assertThat(fixture.downloads.isDoubtful(fixture.narHash)).isFalse();
        }
    }

    @Test
    void open_afterWrongBytesWereGiven_isHadElsewhereButNotContinued() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            CountDownLatch hold = new CountDownLatch(1);
            fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(10).heldAt(SIZE / 2, hold));
            FaultyServer right = fixture.holder(Compression.NONE, request -> Fault.NONE);
            try (DownloadReader reader = fixture.open()) {
                assertThat(some(reader, 1000)).hasSizeGreaterThanOrEqualTo(1000);
                hold.countDown();
                assertThatThrownBy(() -> DownloadFixture.rest(reader))
                        .isInstanceOfSatisfying(
                                DownloadException.class,
                                e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.WRONG));
            }
            assertNothingStored(fixture);
            assertThat(right.requests()).isZero();

            assertThat(fixture.downloads.isDoubtful(fixture.narHash)).isTrue();
            assertThatThrownBy(() -> fixture.read(1000, 1000)).isInstanceOf(DownloadException.class);
            assertThat(fixture.read()).isEqualTo(fixture.nar);
        }
    }

    @Test
    void open_secondOfTwoGivesWrongBytes_onlyThatOneIsBlamed() throws Exception {
        try (DownloadFixture fixture =
                new DownloadFixture(directory, DownloadFixture.nar(1, SIZE), UNHEDGED, FullDisk::new)) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0
                            ? Fault.NONE.cutAt(SIZE / 2)
                            : request <= WireFile.MAX_RESUMES ? Fault.NONE.withStatus(500) : Fault.NONE);
            FaultyServer wrong = fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(SIZE * 3 / 4));

            assertThatThrownBy(fixture::read).isInstanceOf(DownloadException.class);
            assertThat(fixture.read()).isEqualTo(fixture.nar);

            fixture.awaitIdle();
            assertThat(fixture.downloads.offer(fixture.narHash)).isPresent();
            assertThat(fixture.read()).isEqualTo(fixture.nar);
            assertThat(wrong.requests()).isOne();
            assertThat(fixture.downloads.state().mismatches()).isOne();
        }
    }

    @Test
    void open_wrongPartsOfSeveral_areHadFromOneAloneUnnoticed() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, 30_000))) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0
                            ? Fault.NONE.cutAt(10_000)
                            : request <= WireFile.MAX_RESUMES ? Fault.NONE.withStatus(500) : Fault.NONE.cutAt(20_000));
            fixture.holder(Compression.NONE, request -> request == 0 ? Fault.NONE.wrongAt(20_000) : Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);
            assertThat(fixture.downloads.state().mismatches()).isOne();
            assertThat(fixture.downloads.isDoubtful(fixture.narHash)).isFalse();
        }
    }

    @Test
    void open_restAfterWrongBytesAndACut_isNeverComplete() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0 ? Fault.NONE.wrongAt(10).cutAt(SIZE / 2) : Fault.NONE.withStatus(500));
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            assertThatThrownBy(() -> readInto(fixture, got)).isInstanceOf(DownloadException.class);
            assertThat(got.size()).isPositive();
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThat(fixture.downloads.isUnsettled(fixture.narHash)).isTrue();
            assertThatThrownBy(() -> fixture.read(got.size(), fixture.nar.length - got.size()))
                    .isInstanceOf(DownloadException.class);

            assertThat(fixture.downloads.isDoubtful(fixture.narHash)).isTrue();
            assertThat(fixture.downloads.isUnsettled(fixture.narHash)).isFalse();
            fixture.awaitIdle();
            assertThat(fixture.stored()).isEqualTo(fixture.nar);
        }
    }

    @Test
    void open_restAfterACut_isTheRest() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0 ? Fault.NONE.cutAt(SIZE / 2) : Fault.NONE.withStatus(500));
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            assertThatThrownBy(() -> readInto(fixture, got)).isInstanceOf(DownloadException.class);
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            got.write(fixture.read(got.size(), fixture.nar.length - got.size()));

            assertThat(got.toByteArray()).isEqualTo(fixture.nar);
            assertThat(fixture.downloads.isDoubtful(fixture.narHash)).isFalse();
            assertThat(fixture.downloads.isUnsettled(fixture.narHash)).isFalse();
        }
    }

    @Test
    void open_corruptFile_failsAndNothingIsStored() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.XZ, request -> Fault.NONE.wrongAt(SIZE / 4));

            assertThatThrownBy(fixture::read).isInstanceOf(DownloadException.class);

            assertNothingStored(fixture);
        }
    }

    @Test
    void open_decoderFailsAndAnotherHolder_goesOnThere() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            byte[] half = Arrays.copyOf(Compressed.one(Compression.GZIP, fixture.nar), SIZE / 4);
            fixture.holder(Compression.GZIP, half, null, request -> Fault.NONE);
            fixture.holder(Compression.XZ, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);
            assertThat(fixture.downloads.state().switched()).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1, 100_000, -100_000})
    void open_fileOfAnotherLength_failsWhenItIsShorter(int more) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            byte[] file = Arrays.copyOf(fixture.nar, fixture.nar.length + more);
            fixture.holder(Compression.NONE, file, (long) fixture.nar.length, request -> Fault.NONE);

            if (more > 0) {
                assertThat(fixture.read()).isEqualTo(fixture.nar);
            } else {
                assertThatThrownBy(fixture::read).isInstanceOf(DownloadException.class);
                assertNothingStored(fixture);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "XZ", "ZSTD", "GZIP"})
    void open_cutAtRandomBytes_givesTheNar(Compression compression) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 4; i++) {
            boolean ranges = random.nextBoolean();
            long[] cuts = random.longs(3, 1, SIZE / 2).toArray();
            Path data = directory.resolve(Integer.toString(i));
            try (DownloadFixture fixture = new DownloadFixture(data, DownloadFixture.nar(seed + i, SIZE))) {
                fixture.holder(compression, request -> {
                    Fault fault = ranges ? Fault.NONE : Fault.NONE.withoutRanges();
                    return request < cuts.length ? fault.cutAt(cuts[request]) : fault;
                });

                assertThat(fixture.read()).as("seed %d, round %d", seed, i).isEqualTo(fixture.nar);
                fixture.awaitIdle();
                assertThat(fixture.stored()).isEqualTo(fixture.nar);
            }
        }
    }

    @Test
    void open_cutAndContinued_fetchesOnlyTheRest() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer server =
                    fixture.holder(Compression.NONE, request -> request == 0 ? Fault.NONE.cutAt(SIZE / 2) : Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(server.offsets()).containsExactly(0L, (long) SIZE / 2);
            assertThat(fixture.downloads.state().resumed()).isOne();
            assertThat(fixture.downloads.state().wireBytes()).isEqualTo(fixture.nar.length);
        }
    }

    @Test
    void open_holdersDieOneAfterAnother_eachContinuesTheOther() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0 ? Fault.NONE.cutAt(SIZE / 3) : Fault.NONE.withStatus(500));
            fixture.holder(
                    Compression.XZ, request -> request == 0 ? Fault.NONE.cutAt(SIZE / 3) : Fault.NONE.withStatus(500));
            fixture.holder(Compression.ZSTD, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(fixture.downloads.state().switched()).isEqualTo(2);
            fixture.awaitIdle();
            assertThat(fixture.stored()).isEqualTo(fixture.nar);
        }
    }

    @Test
    void open_nothingIsLeftInTheMiddle_failsAndNothingIsStored() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0 ? Fault.NONE.cutAt(SIZE / 2) : Fault.NONE.withStatus(500));
            ByteArrayOutputStream got = new ByteArrayOutputStream();

            assertThatThrownBy(() -> readInto(fixture, got)).isInstanceOf(DownloadException.class);

            assertThat(fixture.nar).startsWith(got.toByteArray());
            assertNothingStored(fixture);
            assertThat(fixture.downloads.isDoubtful(fixture.narHash)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 500, 503})
    void open_refused_fails(int status) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.withStatus(status));

            assertThatThrownBy(fixture::read)
                    .isInstanceOfSatisfying(
                            DownloadException.class,
                            e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.UNAVAILABLE));
            assertNothingStored(fixture);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0})
    void open_bestHolderHangsAtFirst_nextOneServes(long at) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer slow = fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(at));
            fixture.holder(Compression.XZ, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(fixture.downloads.state().hedged()).isOne();
            assertThat(fixture.downloads.state().switched()).isZero();
            DownloadFixture.await(() -> slow.open() == 0);
        }
    }

    @Test
    void open_holderHangsOrDripsInTheMiddle_anotherContinues() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer hanging = fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 3));
            FaultyServer dripping = fixture.holder(Compression.NONE, request -> Fault.NONE.drippingFrom(SIZE / 2));
            fixture.holder(Compression.ZSTD, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(fixture.downloads.state().switched()).isEqualTo(2);
            DownloadFixture.await(() -> hanging.open() + dripping.open() == 0);
        }
    }

    @Test
    void open_holderHangsLongerThanTheBudget_anotherContinues() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer hanging = fixture.patientHolder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 3));
            fixture.holder(Compression.XZ, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(fixture.downloads.state().switched()).isOne();
            DownloadFixture.await(() -> hanging.open() == 0);
        }
    }

    @Test
    void open_holderHangsWhenItIsToGoOn_anotherContinues() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer hanging = fixture.patientHolder(
                    Compression.NONE, request -> request == 0 ? Fault.NONE.cutAt(SIZE / 3) : Fault.NONE.hangingAt(-1));
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(hanging.requests()).isEqualTo(2);
        }
    }

    @Test
    void open_holderDripsFromTheBeginning_anotherIsAskedAfterTheHedge() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer dripping = fixture.patientHolder(Compression.NONE, request -> Fault.NONE.drippingFrom(0));
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(fixture.downloads.state().switched()).isZero();
            assertThat(fixture.downloads.state().hedged()).isOne();
            DownloadFixture.await(() -> dripping.open() == 0);
        }
    }

    @Test
    void open_anotherContinuesWhatIsNotCompressed_fetchesOnlyTheRest() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(
                    Compression.NONE,
                    request -> request == 0 ? Fault.NONE.cutAt(SIZE / 2) : Fault.NONE.withStatus(500));
            FaultyServer other = fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(other.offsets()).containsExactly((long) SIZE / 2);
            assertThat(fixture.downloads.state().wireBytes()).isEqualTo(fixture.nar.length);
        }
    }

    @Test
    void open_endOfTheFileDoesNotCome_connectionIsClosed() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            byte[] longer = Arrays.copyOf(fixture.nar, fixture.nar.length + 1000);
            FaultyServer server = fixture.holder(
                    Compression.NONE,
                    longer,
                    (long) longer.length,
                    request -> Fault.NONE.hangingAt(fixture.nar.length),
                    Integer.MAX_VALUE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            DownloadFixture.await(() -> server.open() == 0);
        }
    }

    @Test
    void open_fileChangesBeforeItGoesOn_isTakenFromItsBeginning() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            AtomicInteger openings = new AtomicInteger();
            fixture.holder(
                    holder -> new ChangingHolder(holder, openings),
                    Compression.XZ,
                    request -> request == 0 ? Fault.NONE.cutAt(SIZE / 4) : Fault.NONE);

            assertThat(fixture.read()).isEqualTo(fixture.nar);

            assertThat(openings).hasValue(3);
        }
    }

    /** A holder whose file is another one at the second request. */
    private record ChangingHolder(Holder holder, AtomicInteger openings) implements Holder {

        @Override
        public String upstream() {
            return holder.upstream();
        }

        @Override
        public NarInfo narInfo() {
            return holder.narInfo();
        }

        @Override
        public Duration hedge() {
            return holder.hedge();
        }

        @Override
        public OpenFile open(long from, FileVersion expected) throws IOException {
            if (openings.incrementAndGet() == 2) {
                throw new FileChangedException("changed");
            }
            return holder.open(from, expected);
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
    void close_lastClientBeforeHalf_downloadIsCancelled() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer server = fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 4));
            try (DownloadReader reader = fixture.open()) {
                assertThat(reader.next()).isNotNull();
            }

            fixture.awaitIdle();
            assertThat(fixture.downloads.state().cancelled()).isOne();
            assertNothingStored(fixture);
            DownloadFixture.await(() -> server.open() == 0);
        }
    }

    @Test
    void open_whileTheDownloadIsAbandoned_givesTheNar() throws Exception {
        DownloadLimits graceless =
                DownloadFixture.LIMITS.withTimes(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(1));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                DownloadFixture fixture =
                        new DownloadFixture(directory, DownloadFixture.nar(1, SIZE), graceless, FullDisk::new)) {
            for (int i = 0; i < 8; i++) {
                int round = i;
                CountDownLatch hold = new CountDownLatch(1);
                fixture.onlyHolder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 4, hold));
                DownloadReader first = fixture.open();
                Future<byte[]> second = clients.submit(() -> {
                    try (DownloadReader reader = fixture.open()) {
                        byte[] begin = some(reader, 1000 + round);
                        hold.countDown();
                        byte[] end = DownloadFixture.rest(reader);
                        byte[] all = Arrays.copyOf(begin, begin.length + end.length);
                        System.arraycopy(end, 0, all, begin.length, end.length);
                        return all;
                    }
                });
                first.close();

                assertThat(second.get()).as("round %d", i).isEqualTo(fixture.nar);
                fixture.awaitIdle();
            }
        }
    }

    @Test
    void close_oneOfTwoClientsBeforeHalf_downloadGoesOn() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 4, hold));
            try (DownloadReader other = fixture.open()) {
                fixture.open().close();
                hold.countDown();

                assertThat(DownloadFixture.rest(other)).isEqualTo(fixture.nar);
            }
            assertThat(fixture.downloads.state().cancelled()).isZero();
        }
    }

    @Test
    void close_lastClientAfterHalf_narIsStored() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        int at = SIZE * 3 / 4;
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(at, hold));
            try (DownloadReader reader = fixture.open()) {
                assertThat(some(reader, at)).hasSize(at);
            }
            DownloadFixture.await(() -> fixture.downloads.state().readers() == 0);
            hold.countDown();

            fixture.awaitIdle();
            assertThat(fixture.stored()).isEqualTo(fixture.nar);
            assertThat(fixture.downloads.state().cancelled()).isZero();
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

            assertNothingStored(fixture);
            assertThat(fixture.downloads.state().notStored()).isOne();
        }
    }

    @Test
    void next_clientGoesWhileNothingComes_endsTheWait() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 4));
            try (DownloadReader reader = fixture.open()) {
                assertThat(some(reader, SIZE / 4)).hasSize(SIZE / 4);
                Thread client = Thread.ofVirtual().start(reader::giveUp);
                assertThatThrownBy(reader::next)
                        .isInstanceOfSatisfying(
                                DownloadException.class,
                                e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.CANCELLED));
                client.join();
            }
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

    private static void assertNothingStored(DownloadFixture fixture) throws IOException {
        fixture.awaitIdle();
        assertThat(fixture.store.hasNar(fixture.narHash)).isFalse();
        assertThat(fixture.store.path(fixture.path.path().digest())).isEmpty();
        assertThat(fixture.spoolFiles()).isZero();
        assertThat(fixture.downloads.state().spoolBytes()).isZero();
    }

    private static void readInto(DownloadFixture fixture, ByteArrayOutputStream got)
            throws IOException, InterruptedException {
        readInto(fixture, 0, fixture.nar.length, got);
    }

    private static void readInto(DownloadFixture fixture, long from, long length, ByteArrayOutputStream got)
            throws IOException, InterruptedException {
        try (DownloadReader reader = fixture.open(from, length)) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                got.write(slice.array(), slice.offset(), slice.length());
            }
        }
    }

    /** Reads until there are at least so many bytes. */
    private static byte[] some(DownloadReader reader, int bytes) throws IOException, InterruptedException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        while (got.size() < bytes) {
            NarSlice slice = Objects.requireNonNull(reader.next());
            got.write(slice.array(), slice.offset(), slice.length());
        }
        return got.toByteArray();
    }
}
