package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.upload.UploadMemory.Share;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UploadMemoryTest {

    private static final byte[] BYTES = new byte[3 << 20];

    @TempDir
    private Path directory;

    private final AtomicLong usable = new AtomicLong(1L << 40);
    private UploadMemory memory;

    @BeforeEach
    void open() {
        memory = new UploadMemory(10, new UploadDisk(directory, usable::get, 0));
    }

    private static InputStream body() {
        return new ByteArrayInputStream(BYTES);
    }

    @Test
    void whileItArrives_memoryLeft_isTheBodyItself() throws Exception {
        InputStream body = body();
        try (Share share = memory.whileItArrives(5, body)) {
            assertThat(share.body()).isSameAs(body);
        }
    }

    @Test
    void whileItArrives_halfTheMemoryTakenBySlowOnes_theOthersAreReceivedAndServed() throws Exception {
        try (Share _ = memory.whileItArrives(5, body())) {
            for (int i = 0; i < 3; i++) {
                InputStream body = body();
                try (Share share = memory.whileItArrives(1, body)) {
                    assertThat(share.body()).isNotSameAs(body).hasBinaryContent(BYTES);
                    assertThat(body.read()).isEqualTo(-1);
                }
            }
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void whileItArrives_moreThanThereIs_takesAllOfIt() throws Exception {
        memory.whileItArrives(1000, body()).close();
        memory.whileItArrives(10, body()).close();
    }

    @Test
    void onceItIsHere_noneLeft_waitsInOrderForWhatIsOnTheDisk() throws Exception {
        List<Integer> order = new ArrayList<>();
        try (ExecutorService uploads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> ended = new ArrayList<>();
            Share first = memory.onceItIsHere(10, body());
            Share second = memory.onceItIsHere(10, body());
            for (int mib : new int[] {10, 1, 2}) {
                int before = memory.waiting();
                ended.add(uploads.submit(() -> {
                    try (Share _ = memory.onceItIsHere(mib, body())) {
                        synchronized (order) {
                            order.add(mib);
                        }
                    }
                    return null;
                }));
                while (memory.waiting() == before || memory.inLine() == before) {
                    Thread.sleep(1);
                }
            }
            assertThat(order).isEmpty();
            first.close();
            second.close();
            for (Future<?> upload : ended) {
                var _ = upload.get();
            }
            assertThat(order.getFirst()).isEqualTo(10);
            assertThat(order).containsExactlyInAnyOrder(10, 1, 2);
            assertThat(memory.waiting()).isZero();
        }
    }

    @Test
    void onceItIsHere_slowLinesHaveTheirHalf_waitsForNoneOfThem() throws Exception {
        try (Share _ = memory.whileItArrives(5, body())) {
            memory.onceItIsHere(10, body()).close();
        }
    }

    @Test
    void onceItIsHere_clientLostOnTheWay_waitsForNothingAndLeavesNothing() throws Exception {
        BodyPipe lost = new BodyPipe(BodyPipe.Pace.DEFAULT);
        lost.offer(new byte[1000]);
        lost.lose();
        try (Share _ = memory.whileItArrives(5, body())) {
            assertThatThrownBy(() -> memory.whileItArrives(10, lost)).isInstanceOf(BodyLostException.class);
        }
        assertThat(memory.waiting()).isZero();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
        memory.onceItIsHere(10, body()).close();
    }

    @Test
    void onceItIsHere_diskFull_isRefusedAndTheRoomIsGivenBack() throws Exception {
        usable.set((1 << 20) - 1);
        assertThatThrownBy(() -> memory.onceItIsHere(1, body()))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.verdict().status()).isEqualTo(501));
        usable.set(1 << 20);
        memory.onceItIsHere(1, body()).close();
        memory.onceItIsHere(1, body()).close();
    }

    @Test
    void reserve_manyAtATime_neverMoreThanFits() throws IOException {
        UploadDisk disk = new UploadDisk(directory, () -> 100, 10);
        UploadDisk.Room first = disk.reserve(60).orElseThrow();
        assertThat(disk.reserve(31)).isEmpty();
        UploadDisk.Room second = disk.reserve(30).orElseThrow();
        assertThat(disk.reserve(1)).isEmpty();
        first.shrinkTo(10);
        assertThat(disk.reserve(51)).isEmpty();
        disk.reserve(50).orElseThrow().close();
        first.close();
        first.close();
        assertThat(disk.reserve(61)).isEmpty();
        assertThat(disk.reserve(60)).isPresent();
        second.close();
    }
}
