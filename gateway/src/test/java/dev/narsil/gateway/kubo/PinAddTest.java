package dev.narsil.gateway.kubo;

import static dev.narsil.gateway.kubo.KuboFailures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.kubo.KuboException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PinAddTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Cid ROOT = Cid.hash(Codec.DAG_CBOR, new byte[] {1});
    private static final String PINNED = "{\"Pins\":[\"" + ROOT + "\"]}";

    private FakeKubo fake;
    private KuboClient kubo;
    private final List<Long> progress = new ArrayList<>();

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

    private void pin(Duration time) throws IOException {
        kubo.pin(ROOT, "git-2.39.5", time, progress::add);
    }

    private static String reached(int blocks) {
        return "{\"Progress\":" + blocks + ",\"Bytes\":" + blocks * 1000 + "}";
    }

    @Test
    void pin_progress_isTold() throws IOException {
        fake.on(
                "pin/add",
                (call, wire) -> wire.begin(FakeKubo.JSON)
                        .line("{}")
                        .line(reached(3))
                        .line(reached(3))
                        .line(reached(7))
                        .line(PINNED)
                        .end());
        pin(LONG);
        assertThat(progress).containsExactly(3L, 7L);
        FakeCall call = fake.calls().getFirst();
        assertThat(call.arg()).isEqualTo(ROOT.toString());
        assertThat(call.option("progress")).isEqualTo("true");
        assertThat(call.option("name")).isEqualTo("git-2.39.5");
        assertThat(call.option("timeout")).matches("\\d+ms");
    }

    @Test
    void pin_silentAfterSomeProgress_isCancelledAndRepeated() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        fake.on("pin/add", (call, wire) -> {
            wire.begin(FakeKubo.JSON).line(reached(5));
            if (attempts.incrementAndGet() == 1) {
                try {
                    wire.hang();
                } finally {
                    cancelled.countDown();
                }
            } else {
                wire.line(reached(9)).line(PINNED).end();
            }
        });
        pin(LONG);
        assertThat(progress).containsExactly(5L, 9L);
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void pin_sameProgressOverAndOver_isAStallToo() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        fake.on("pin/add", (call, wire) -> {
            wire.begin(FakeKubo.JSON);
            if (attempts.incrementAndGet() > 1) {
                wire.line(PINNED).end();
                return;
            }
            while (true) {
                wire.line(reached(5));
                wire.pause(never, Duration.ofMillis(20));
            }
        });
        pin(LONG);
        assertThat(attempts).hasValue(2);
    }

    @Test
    void pin_neverAnyFurther_isGivenUpAfterSomeAttempts() {
        fake.on(
                "pin/add",
                (call, wire) -> wire.begin(FakeKubo.JSON).line(reached(5)).hang());
        assertThat(failure(Kind.LATE, () -> pin(LONG)))
                .hasMessageContaining(ROOT.toString())
                .hasMessageContaining("5 blocks");
        // the first got somewhere, two got no further
        assertThat(fake.calls()).hasSize(3);
    }

    @Test
    void pin_eachAttemptSomewhatFurther_isGoneOnWith() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        fake.on("pin/add", (call, wire) -> {
            int attempt = attempts.incrementAndGet();
            wire.begin(FakeKubo.JSON).line(reached(attempt));
            if (attempt < 6) {
                wire.hang();
            } else {
                wire.line(PINNED).end();
            }
        });
        pin(LONG);
        assertThat(attempts).hasValue(6);
    }

    @Test
    void pin_slowButSteady_isNotCancelled() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        KuboLimits limits = new KuboLimits(LONG, LONG, LONG, LONG, Duration.ofSeconds(2), 1);
        fake.on("pin/add", (call, wire) -> {
            wire.begin(FakeKubo.JSON);
            for (int i = 1; i <= 12; i++) {
                wire.line(reached(i));
                wire.pause(never, Duration.ofMillis(250));
            }
            wire.line(PINNED).end();
        });
        try (KuboClient patient = fake.client(null, limits)) {
            patient.pin(ROOT, "", LONG, progress::add);
        }
        assertThat(progress).hasSize(12);
    }

    @Test
    void pin_timeOver_isGivenUp() {
        fake.on(
                "pin/add",
                (call, wire) -> wire.begin(FakeKubo.JSON).line(reached(1)).endWithError("context deadline exceeded"));
        failure(Kind.LATE, () -> pin(Duration.ofMillis(1)));
    }

    @Test
    void pin_failure_isNotRepeated() {
        fake.on("pin/add", (call, wire) -> wire.failure("pin: the disk is gone"));
        failure(Kind.FAILED, () -> pin(LONG));
        assertThat(fake.calls()).hasSize(1);
    }

    @Test
    void pin_daemonDies_isUnreachable() {
        fake.on("pin/add", (call, wire) -> {
            wire.begin(FakeKubo.JSON).line(reached(1));
            wire.cut();
        });
        failure(Kind.UNREACHABLE, () -> pin(LONG));
    }

    @Test
    void pin_endsWithoutNamingThePin_isNoAnswer() {
        fake.on(
                "pin/add",
                (call, wire) -> wire.begin(FakeKubo.JSON).line(reached(1)).end());
        failure(Kind.UNINTELLIGIBLE, () -> pin(LONG));
    }
}
