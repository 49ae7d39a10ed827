package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileChangedException;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that break off, are refused or change: they are continued, at the same holder or at another. */
@Timeout(120)
class BrokenOffFilesTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

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

            assertThatThrownBy(() -> fixture.readInto(got)).isInstanceOf(DownloadException.class);

            assertThat(fixture.nar).startsWith(got.toByteArray());
            fixture.assertNothingStored();
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
            fixture.assertNothingStored();
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
}
