package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.importer.FullDisk;
import dev.narsil.gateway.source.Compression;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that leave before they have all of a NAR. */
@Timeout(120)
class LeavingClientsTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

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
    void close_lastClientBeforeHalf_downloadIsCancelled() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            FaultyServer server = fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 4));
            try (DownloadReader reader = fixture.open()) {
                assertThat(reader.next()).isNotNull();
            }

            fixture.awaitIdle();
            assertThat(fixture.downloads.state().cancelled()).isOne();
            fixture.assertNothingStored();
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
                        byte[] begin = DownloadFixture.some(reader, 1000 + round);
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
                assertThat(DownloadFixture.some(reader, at)).hasSize(at);
            }
            DownloadFixture.await(() -> fixture.downloads.state().readers() == 0);
            hold.countDown();

            fixture.awaitIdle();
            assertThat(fixture.stored()).isEqualTo(fixture.nar);
            assertThat(fixture.downloads.state().cancelled()).isZero();
        }
    }

    @Test
    void next_clientGoesWhileNothingComes_endsTheWait() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(1, SIZE))) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.hangingAt(SIZE / 4));
            try (DownloadReader reader = fixture.open()) {
                assertThat(DownloadFixture.some(reader, SIZE / 4)).hasSize(SIZE / 4);
                Thread client = Thread.ofVirtual().start(reader::giveUp);
                assertThatThrownBy(reader::next)
                        .isInstanceOfSatisfying(
                                DownloadException.class,
                                e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.CANCELLED));
                client.join();
            }
        }
    }
}
