package dev.narsil.gateway.donate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UploadPaceTest {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);
    private final AtomicLong waited = new AtomicLong();

    private void pause(long nanos) {
        now.addAndGet(nanos);
        waited.addAndGet(nanos);
    }

    @Test
    void accept_muchAtOnce_goesAtTheRate() {
        UploadPace pace = new UploadPace(1 << 20, now::get, this::pause);
        long begin = now.get();
        for (int i = 0; i < 100; i++) {
            pace.accept(1 << 18);
        }
        assertThat(now.get() - begin).isEqualTo(25 * SECOND);
    }

    @Test
    void accept_afterAPause_makesUpForLittleOfIt() {
        UploadPace pace = new UploadPace(1 << 20, now::get, this::pause);
        now.addAndGet(3600 * SECOND);
        for (int i = 0; i < 10; i++) {
            pace.accept(1 << 20);
        }
        assertThat(waited.get()).isEqualTo(10 * SECOND - SECOND / 2);
    }

    @Test
    void accept_noRate_neverWaits() {
        UploadPace pace = new UploadPace(0, now::get, this::pause);
        pace.accept(Integer.MAX_VALUE);
        assertThat(waited.get()).isZero();
    }

    @Test
    void accept_interrupted_letsThroughAndStaysSo() {
        UploadPace pace = new UploadPace(1, now::get, _ -> {
            throw new InterruptedException("test");
        });
        pace.accept(1);
        assertThat(Thread.interrupted()).isTrue();
    }
}
