package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.source.Compression;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holders that hang, drip or turn up late, and others that take over. */
@Timeout(120)
class SlowHoldersTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

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
}
