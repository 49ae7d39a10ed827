package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.importer.FullDisk;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holders that give wrong bytes: who gets them, who is blamed, and what may follow. */
@Timeout(120)
class WrongNarTest {

    private static final int SIZE = 1 << 20;

    /** Limits by which no holder is asked because another one is slow to begin. */
    private static final DownloadLimits UNHEDGED =
            DownloadFixture.LIMITS.withTimes(Duration.ofSeconds(60), Duration.ofMillis(500), Duration.ofMillis(50));

    @TempDir
    private Path directory;

    @Test
    void open_wrongLastByte_lastBytesAreNeverGiven() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(fixture.nar.length - 1));
            ByteArrayOutputStream got = new ByteArrayOutputStream();

            assertThatThrownBy(() -> fixture.readInto(got)).isInstanceOf(DownloadException.class);

            assertThat(got.size()).isLessThanOrEqualTo(fixture.nar.length - Part.WITHHELD_BYTES);
            fixture.assertNothingStored();
            assertThat(fixture.downloads.state().mismatches()).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 65_536, 200_000})
    void open_rangeThatEndsBeforeWrongBytes_isNeverComplete(int length) throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(SIZE / 2));
            ByteArrayOutputStream got = new ByteArrayOutputStream();

            assertThatThrownBy(() -> fixture.readInto(1000, length, got)).isInstanceOf(DownloadException.class);

            assertThat(got.size()).isLessThanOrEqualTo(Math.max(0, length - Part.WITHHELD_BYTES));
            fixture.assertNothingStored();
        }
    }

    @Test
    void open_smallRangeOfWhatComes_waitsForTheProof() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SIZE / 2, hold));
            try (DownloadReader whole = fixture.open()) {
                assertThat(DownloadFixture.some(whole, SIZE / 2)).hasSize(SIZE / 2);
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
                assertThat(DownloadFixture.some(reader, 1000)).hasSizeGreaterThanOrEqualTo(1000);
                hold.countDown();
                assertThatThrownBy(() -> DownloadFixture.rest(reader))
                        .isInstanceOfSatisfying(
                                DownloadException.class,
                                e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.WRONG));
            }
            fixture.assertNothingStored();
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
            assertThatThrownBy(() -> fixture.readInto(got)).isInstanceOf(DownloadException.class);
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
            assertThatThrownBy(() -> fixture.readInto(got)).isInstanceOf(DownloadException.class);
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

            fixture.assertNothingStored();
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
                fixture.assertNothingStored();
            }
        }
    }
}
