package dev.narsil.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencyWindowTest {

    private final LatencyWindow window = new LatencyWindow();

    private void add(int count, long latency) {
        for (int i = 0; i < count; i++) {
            window.add(latency);
        }
    }

    @Test
    void p95_tooFew_isUnknown() {
        add(LatencyWindow.LEAST - 1, 5);

        assertThat(window.p95Nanos()).isEqualTo(-1);
    }

    @Test
    void p95_oneInTwentyIsSlow_isOfTheFastOnes() {
        for (int i = 0; i < 5; i++) {
            add(19, 10);
            add(1, 1000);
        }

        assertThat(window.p95Nanos()).isEqualTo(10);
        add(1, 1000);
        assertThat(window.p95Nanos()).isEqualTo(1000);
    }

    @Test
    void p95_slowOnesLongAgo_areForgotten() {
        add(LatencyWindow.SIZE, 1000);
        assertThat(window.p95Nanos()).isEqualTo(1000);
        add(LatencyWindow.SIZE, 10);
        assertThat(window.p95Nanos()).isEqualTo(10);
        add(5 * LatencyWindow.SIZE + 3, 20);
        assertThat(window.p95Nanos()).isEqualTo(20);
    }
}
