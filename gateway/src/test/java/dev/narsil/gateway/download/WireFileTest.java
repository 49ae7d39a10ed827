package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WireFileTest {

    private static final int SIZE = 300_000;
    private static final byte[] FILE = new byte[SIZE];
    private static final int FOR_EVER_MILLIS = 3_600_000;

    static {
        new Random(1).nextBytes(FILE);
    }

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final DownloadCounters counters = new DownloadCounters();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private final class Patience implements WireFile.Environment {

        private final long nanos;
        private int skips;

        Patience(Duration patience) {
            nanos = patience.toNanos();
        }

        @Override
        public boolean othersLeft() {
            return false;
        }

        @Override
        public long patienceNanos() {
            return nanos;
        }

        @Override
        public void skipped() {
            skips++;
        }

        @Override
        public DownloadCounters counters() {
            return counters;
        }

        @Override
        public ScheduledExecutorService timer() {
            return timer;
        }
    }

    private static FaultyServer server(IntFunction<Fault> faults) throws IOException {
        return new FaultyServer(FILE, faults);
    }

    private static WireFile open(FaultyServer server, Patience patience) throws IOException {
        PathInfo path = new PathInfo(
                new StorePath(RandomNar.digests(1, 1).getFirst(), "package"),
                Sha256.hash(FILE),
                null,
                SIZE,
                List.of(),
                null,
                null,
                List.of(),
                null,
                List.of());
        NarInfo info = new NarInfo(path, "nar/file", "none", null, (long) SIZE);
        Holder holder = new SocketHolder("upstream", server.address(), info, FOR_EVER_MILLIS);
        return new WireFile(new HolderRace.Opened(holder, new byte[0], holder.open(0, FileVersion.ANY)), patience);
    }

    @Test
    void read_dripsWhilePatienceEnds_failsAsSlow() throws IOException {
        try (FaultyServer server = server(request -> Fault.NONE.drippingFrom(100_000));
                WireFile file = open(server, new Patience(Duration.ofMillis(300)))) {
            assertThatThrownBy(file::readAllBytes).isInstanceOf(IOException.class);

            assertThat(file.isSlow()).isTrue();
            assertThat(file.position()).isGreaterThanOrEqualTo(100_000);
        }
    }

    @Test
    void read_hangsWhilePatienceEnds_failsAsSlow() throws IOException {
        try (FaultyServer server = server(request -> Fault.NONE.hangingAt(100_000));
                WireFile file = open(server, new Patience(Duration.ofMillis(300)))) {
            assertThatThrownBy(file::readAllBytes).isInstanceOf(IOException.class);

            assertThat(file.isSlow()).isTrue();
        }
    }

    @Test
    void read_continuedWhereNoRangesAreTaken_skipsAndSaysSo() throws IOException {
        Patience patience = new Patience(Duration.ofSeconds(50));
        try (FaultyServer server =
                        server(request -> (request == 0 ? Fault.NONE.cutAt(200_000) : Fault.NONE).withoutRanges());
                WireFile file = open(server, patience)) {
            assertThat(file.readAllBytes()).isEqualTo(FILE);

            assertThat(patience.skips).isPositive();
            assertThat(counters.wireBytes.sum()).isEqualTo(SIZE + 200_000);
        }
    }

    @Test
    void read_alwaysCutAtTheSamePlaceWhereNoRangesAreTaken_fails() throws IOException {
        try (FaultyServer server = server(request -> Fault.NONE.withoutRanges().cutAt(200_000));
                WireFile file = open(server, new Patience(Duration.ofSeconds(50)))) {
            assertThatThrownBy(file::readAllBytes).isInstanceOf(IOException.class);

            assertThat(server.requests()).isEqualTo(1 + WireFile.MAX_LAST_RESUMES);
            assertThat(file.isSlow()).isFalse();
        }
    }
}
