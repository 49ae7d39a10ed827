package dev.narsil.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.upstream.CircuitBreaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

    private long now = Long.MAX_VALUE - 1_000_000_000L;
    private final List<Duration> opened = new ArrayList<>();
    private final CircuitBreaker breaker = new CircuitBreaker(() -> now, new SplittableRandom(1), opened::add);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.failed(Duration.ZERO);
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void failed_oneLessThanInARow_staysClosed() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW - 1);
        breaker.succeeded();
        fail(CircuitBreaker.FAILURES_IN_A_ROW - 1);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(opened).isEmpty();
    }

    @Test
    void failed_inARow_opensForTheFirstDelay() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);

        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(opened).containsExactly(CircuitBreaker.MIN_DELAY);
    }

    @Test
    void failed_everySecondOne_opensWhenTheWindowIsFull() {
        for (int i = 0; i < CircuitBreaker.WINDOW / 2 - 1; i++) {
            breaker.succeeded();
            fail(1);
        }
        assertThat(breaker.state()).isEqualTo(State.CLOSED);

        breaker.succeeded();
        fail(1);

        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void failed_upstreamAsksForAPause_opensForIt() {
        breaker.failed(Duration.ofSeconds(17));
        assertThat(opened).containsExactly(Duration.ofSeconds(17));

        breaker.succeeded();
        breaker.failed(Duration.ofHours(17));
        assertThat(opened).last().isEqualTo(CircuitBreaker.MAX_DELAY);
    }

    @Test
    void halfOpen_beforeTheDelayIsOver_isRefused() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        pass(opened.getFirst().minusNanos(1));

        assertThat(breaker.halfOpen()).isFalse();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void halfOpen_whenTheDelayIsOver_letsOneProbeThrough() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        pass(opened.getFirst());

        assertThat(breaker.halfOpen()).isTrue();
        assertThat(breaker.halfOpen()).isFalse();
        assertThat(breaker.isClosed()).isFalse();
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    }

    @Test
    void probed_answered_closes() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        pass(opened.getFirst());
        breaker.halfOpen();
        breaker.probed(true);

        assertThat(breaker.isClosed()).isTrue();
        fail(CircuitBreaker.FAILURES_IN_A_ROW - 1);
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void probed_neverAnswered_opensLongerAndLongerUpToTheMost() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        for (int i = 0; i < 10; i++) {
            pass(opened.getLast());
            assertThat(breaker.halfOpen()).isTrue();
            breaker.probed(false);
        }

        assertThat(opened)
                .hasSize(11)
                .allSatisfy(delay -> assertThat(delay).isBetween(CircuitBreaker.MIN_DELAY, CircuitBreaker.MAX_DELAY));
        assertThat(opened.get(3)).isBetween(Duration.ofSeconds(6), Duration.ofSeconds(8));
        assertThat(opened.getLast()).isBetween(Duration.ofSeconds(45), CircuitBreaker.MAX_DELAY);
    }

    @Test
    void probed_answeredButRequestsFailAgain_theDelayGoesOnGrowing() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        pass(opened.getLast());
        breaker.halfOpen();
        breaker.probed(true);
        fail(CircuitBreaker.FAILURES_IN_A_ROW);

        assertThat(opened.getLast()).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(2));
    }

    @Test
    void succeeded_whileOpen_closesAndForgetsTheDelays() {
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        pass(opened.getLast());
        breaker.halfOpen();
        breaker.probed(false);
        breaker.succeeded();

        assertThat(breaker.isClosed()).isTrue();
        fail(CircuitBreaker.FAILURES_IN_A_ROW);
        assertThat(opened).last().isEqualTo(CircuitBreaker.MIN_DELAY);
    }

    @Test
    void failed_whileOpen_changesNothing() {
        fail(10 * CircuitBreaker.FAILURES_IN_A_ROW);

        assertThat(opened).hasSize(1);
    }
}
