package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class EncoderThreadsTest {

    private final EncoderThreads threads = new EncoderThreads();

    @Test
    void lease_moreThanTheBound_isRefusedUntilOneIsClosed() throws Exception {
        List<EncoderThreads.Lease> leases = new ArrayList<>();
        for (int i = 0; i < EncoderThreads.MAX_FILES; i++) {
            leases.add(threads.lease());
        }
        assertThatThrownBy(threads::lease).isInstanceOf(RejectedExecutionException.class);

        leases.getFirst().close();
        leases.getFirst().close();
        try (EncoderThreads.Lease last = threads.lease()) {
            assertThat(last.call(() -> "done")).isEqualTo("done");
            assertThatThrownBy(threads::lease).isInstanceOf(RejectedExecutionException.class);
        }
    }

    @Test
    void call_fails_isItsError() {
        IOException error = new IOException("no");
        try (EncoderThreads.Lease lease = threads.lease()) {
            assertThatThrownBy(() -> lease.call(() -> {
                        throw error;
                    }))
                    .isSameAs(error);
        }
    }

    @Test
    void call_anyPiece_runsOnAPlatformThread() throws Exception {
        try (EncoderThreads.Lease lease = threads.lease()) {
            boolean virtual = lease.call(() -> Thread.currentThread().isVirtual());

            assertThat(virtual).isFalse();
        }
    }
}
