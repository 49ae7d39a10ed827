package dev.narsil.gateway.kubo;

import static dev.narsil.gateway.kubo.KuboFailures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.kubo.KuboException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CarImportTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int BLOCK_BYTES = 100_000;
    private static final int BLOCKS = 40;
    private static final Cid ROOT = Cid.hash(Codec.RAW, block(0));

    private FakeKubo fake;
    private KuboClient kubo;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeKubo();
        kubo = fake.client();
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
    }

    private static byte[] block(int number) {
        byte[] block = new byte[BLOCK_BYTES];
        new SplittableRandom(number).nextBytes(block);
        return block;
    }

    private static void write(CarWriter car, int from) throws IOException {
        for (int i = from; i < BLOCKS; i++) {
            byte[] block = block(i);
            car.block(Cid.hash(Codec.RAW, block), block, 0, block.length);
        }
    }

    private ImportedCar importAll(boolean pin) throws IOException {
        return kubo.importCar(List.of(ROOT), pin, LONG, car -> write(car, 0));
    }

    @Test
    void importCar_complete_isStoredAndPinned() throws IOException {
        assertThat(importAll(true)).isEqualTo(new ImportedCar(BLOCKS, (long) BLOCKS * BLOCK_BYTES));
        assertThat(fake.blocks()).hasSize(BLOCKS);
        assertThat(fake.blocks().get(ROOT)).isEqualTo(block(0));
        assertThat(fake.pins()).containsExactly(ROOT.toString());
        assertThat(fake.calls().getFirst().options())
                .containsEntry("timeout", List.of("30000ms"))
                .containsEntry("stats", List.of("true"))
                .containsEntry("fast-provide-root", List.of("false"));
    }

    @Test
    void importCar_withoutPinning_isStored() throws IOException {
        assertThat(importAll(false).blocks()).isEqualTo(BLOCKS);
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void importCar_pinFailedWithStatus200_isAFailure() {
        assertThat(failure(Kind.LATE, () -> kubo.importCar(List.of(ROOT), true, LONG, car -> write(car, 1))))
                .hasMessageContaining(ROOT.toString())
                .hasMessageContaining("was not pinned");
    }

    @Test
    void importCar_rootNotMentioned_isAFailure() {
        fake.on("dag/import", (call, wire) -> {
            call.file();
            wire.json(stats(BLOCKS));
        });
        assertThat(failure(Kind.FAILED, () -> importAll(true))).hasMessageContaining("unpinned");
    }

    private static String stats(int blocks) {
        return "{\"Stats\":{\"BlockCount\":" + blocks + ",\"BlockBytesCount\":" + (long) blocks * BLOCK_BYTES + "}}";
    }

    @Test
    void importCar_fewerBlocksCounted_isAFailure() {
        fake.on("dag/import", (call, wire) -> {
            call.file();
            wire.json(stats(BLOCKS - 1));
        });
        assertThat(failure(Kind.FAILED, () -> importAll(false))).hasMessageContaining("39 blocks");
    }

    @Test
    void importCar_nothingCounted_isNoAnswer() {
        fake.on("dag/import", (call, wire) -> {
            call.file();
            wire.begin(FakeKubo.JSON).end();
        });
        assertThat(failure(Kind.UNINTELLIGIBLE, () -> importAll(false))).hasMessageContaining("does not count");
    }

    @Test
    void importCar_countedButErrorInTheTrailer_isAFailure() {
        fake.on("dag/import", (call, wire) -> {
            call.file();
            wire.begin(FakeKubo.JSON).line(stats(BLOCKS)).endWithError("no space left on device");
        });
        assertThat(failure(Kind.FAILED, () -> importAll(false))).hasMessageContaining("no space left");
    }

    @Test
    void importCar_endlessLines_areGivenUp() {
        fake.on("dag/import", (call, wire) -> {
            call.file();
            wire.begin(FakeKubo.JSON);
            while (true) {
                wire.line("{}");
            }
        });
        assertThat(failure(Kind.UNINTELLIGIBLE, () -> importAll(false))).hasMessageContaining("too many lines");
    }

    @Test
    void importCar_refusedWhileSending_saysWhy() {
        fake.wanting("Bearer x");
        failure(Kind.REFUSED, () -> importEndless(new AtomicLong()));
    }

    @Test
    void importCar_emptyAnswerWhileSending_isNoAnswer() {
        fake.on("dag/import", (call, wire) -> wire.nothing());
        failure(Kind.UNINTELLIGIBLE, () -> importEndless(new AtomicLong()));
    }

    @Test
    void importCar_connectionCutWhileSending_isUnreachable() {
        fake.on("dag/import", (call, wire) -> {
            call.body().readNBytes(1 << 20);
            wire.cut();
        });
        failure(Kind.UNREACHABLE, () -> importEndless(new AtomicLong()));
    }

    @Test
    void importCar_daemonTakesNothing_holdsTheProducerBackAndIsGivenUp() throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        fake.on("dag/import", (call, wire) -> wire.waitFor(done));
        AtomicLong produced = new AtomicLong();
        try (KuboClient hasty = fake.client(null, FakeKubo.limits(Duration.ofMillis(500)))) {
            failure(
                    Kind.LATE,
                    () -> hasty.importCar(
                            List.of(ROOT), false, Duration.ofHours(1), car -> produceEndlessly(car, produced)));
        }
        done.countDown();
        // our own window, and what the kernel takes
        assertThat(produced.get()).isLessThan(64L << 20);
    }

    @Test
    void importCar_daemonTakesAllAndSaysNothing_isGivenUpWhenItsTimeIsOver() {
        fake.on("dag/import", (call, wire) -> {
            call.file();
            wire.hang();
        });
        failure(Kind.LATE, () -> kubo.importCar(List.of(ROOT), false, Duration.ofMillis(500), car -> write(car, 0)));
    }

    @Test
    void importCar_clientIsClosed_fails() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        fake.on("dag/import", (call, wire) -> {
            begun.countDown();
            call.body().transferTo(OutputStream.nullOutputStream());
        });
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                importEndless(new AtomicLong());
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        kubo.close();
        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(KuboException.class);
    }

    @Test
    void importCar_refusedManyTimes_leavesNoConnectionBehind() throws Exception {
        CountDownLatch closed = new CountDownLatch(3);
        fake.on("dag/import", (call, wire) -> {
            try {
                wire.error(500, FakeKubo.JSON, "{\"Message\":\"import failed\",\"Code\":0,\"Type\":\"error\"}");
                wire.hang();
            } finally {
                closed.countDown();
            }
        });
        for (int i = 0; i < 3; i++) {
            failure(Kind.FAILED, () -> importEndless(new AtomicLong()));
        }
        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private void importEndless(AtomicLong produced) throws IOException {
        kubo.importCar(List.of(ROOT), false, LONG, car -> produceEndlessly(car, produced));
    }

    private static void produceEndlessly(CarWriter car, AtomicLong produced) throws IOException {
        byte[] block = block(0);
        while (true) {
            car.block(ROOT, block, 0, block.length);
            produced.addAndGet(block.length);
        }
    }

    @Test
    void importCar_producerFails_cutsTheBodySoThatNothingLooksComplete() throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        fake.on("dag/import", (call, wire) -> {
            try {
                seen.complete(new AssertionError(call.file().length + " bytes came to an end"));
            } catch (IOException e) {
                seen.complete(e);
                throw e;
            }
        });
        assertThatThrownBy(() -> kubo.importCar(List.of(ROOT), true, LONG, car -> {
                    write(car, 20);
                    throw new EOFException("the store is gone");
                }))
                .isInstanceOf(EOFException.class)
                .hasMessage("the store is gone");
        assertThat(seen.get(30, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    }

    @Test
    void importCar_blockLargerThanPeersTake_isNotSent() throws Exception {
        byte[] large = new byte[CarWriter.MAX_BLOCK_BYTES + 1];
        CompletableFuture<Boolean> complete = new CompletableFuture<>();
        fake.on("dag/import", (call, wire) -> {
            try {
                call.file();
                complete.complete(true);
            } catch (IOException e) {
                complete.complete(false);
                throw e;
            }
        });
        assertThatThrownBy(() -> kubo.importCar(
                        List.of(ROOT),
                        true,
                        LONG,
                        car -> car.block(Cid.hash(Codec.RAW, large), large, 0, large.length)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(complete.get(30, TimeUnit.SECONDS)).isFalse();
    }
}
