package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.upload.UploadMemory.Share;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UploadMemoryTest {

    private final BodyPipe body = new BodyPipe(BodyPipe.Pace.DEFAULT);

    @Test
    void acquire_moreThanThereIs_takesAllOfIt() throws Exception {
        try (UploadMemory memory = new UploadMemory(10)) {
            memory.acquire(1000, body).close();
            memory.acquire(10, body).close();
        }
    }

    @Test
    void acquire_noneLeft_waitsInOrder() throws Exception {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (UploadMemory memory = new UploadMemory(10);
                ExecutorService uploads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> ended = new ArrayList<>();
            Share first = memory.acquire(10, body);
            // the second wants all and must not be overtaken by those after it
            for (int mib : new int[] {10, 1, 2}) {
                int before = memory.waiting();
                ended.add(uploads.submit(() -> {
                    try (Share _ = memory.acquire(mib, new BodyPipe(BodyPipe.Pace.DEFAULT))) {
                        order.add(mib);
                    }
                    return null;
                }));
                while (memory.waiting() == before) {
                    Thread.onSpinWait();
                }
            }
            assertThat(order).isEmpty();
            first.close();
            for (Future<?> upload : ended) {
                var _ = upload.get();
            }
            assertThat(order.getFirst()).isEqualTo(10);
            assertThat(order).containsExactlyInAnyOrder(10, 1, 2);
            assertThat(memory.waiting()).isZero();
        }
    }
}
