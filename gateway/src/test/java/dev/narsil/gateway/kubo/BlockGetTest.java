package dev.narsil.gateway.kubo;

import static dev.narsil.gateway.kubo.KuboFailures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.kubo.KuboException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlockGetTest {

    private static final byte[] NONE = {};

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

    private Cid stored(String text) {
        byte[] block = text.getBytes(StandardCharsets.UTF_8);
        Cid cid = Cid.hash(Codec.RAW, block);
        fake.blocks().put(cid, block);
        return cid;
    }

    private List<Cid> stored(int count) {
        List<Cid> cids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cids.add(stored("block " + i));
        }
        return cids;
    }

    private static String text(@Nullable CarBlock block) {
        return new String(Objects.requireNonNull(block).bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void block_stored_isGot() throws IOException {
        assertThat(kubo.block(stored("hello"), true)).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(fake.calls().getFirst().option("offline")).isEqualTo("true");
        assertThat(fake.calls().getFirst().option("timeout")).isEqualTo("30000ms");
    }

    @Test
    void block_empty_isNotTakenForNoAnswer() throws IOException {
        assertThat(kubo.block(stored(""), true)).isEmpty();
    }

    @Test
    void block_identity_isNotAskedFor() throws IOException {
        byte[] inline = {1, 2, 3};
        Cid cid = Cid.identity(inline, 0, 3);
        assertThat(kubo.block(cid, false)).isEqualTo(inline);
        assertThat(kubo.size(cid)).hasValue(3);
        assertThat(fake.calls()).isEmpty();
    }

    @Test
    void block_otherBytes_areRefused() {
        Cid cid = stored("hello");
        fake.blocks().put(cid, "jello".getBytes(StandardCharsets.UTF_8));
        assertThat(failure(Kind.WRONG_BYTES, () -> kubo.block(cid, true))).hasMessageContaining(cid.toString());
        fake.on(
                "block/get",
                (call, wire) -> wire.begin("application/vnd.ipld.raw").end());
        failure(Kind.WRONG_BYTES, () -> kubo.block(cid, true));
    }

    @Test
    void block_longerThanAnyBlock_isGivenUp() {
        byte[] large = new byte[CarWriter.MAX_BLOCK_BYTES + 1];
        Cid cid = Cid.hash(Codec.RAW, large);
        fake.blocks().put(cid, large);
        failure(Kind.UNINTELLIGIBLE, () -> kubo.block(cid, true));
    }

    @Test
    void block_cutShortWithErrorInTheTrailer_isAFailure() {
        Cid cid = stored("hello");
        fake.on(
                "block/get",
                (call, wire) ->
                        wire.begin("text/plain").chunk(new byte[2]).endWithError("ipld: could not find " + cid));
        failure(Kind.ABSENT, () -> kubo.block(cid, true));
    }

    @Test
    void block_notThere_isAbsentOfflineAndLateOnline() {
        Cid cid = Cid.hash(Codec.RAW, NONE);
        failure(Kind.ABSENT, () -> kubo.block(cid, true));
        failure(Kind.LATE, () -> kubo.block(cid, false));
    }

    @Test
    void size_storedOrNot_isToldWithoutAskingTheNetwork() throws IOException {
        assertThat(kubo.size(stored("hello"))).hasValue(5);
        assertThat(kubo.size(Cid.hash(Codec.RAW, NONE))).isEmpty();
        assertThat(fake.calls()).allMatch(call -> "true".equals(call.option("offline")));
    }

    @Test
    void window_blocksThatComeInAnotherOrder_areGivenInTheirs() throws IOException {
        List<Cid> cids = stored(12);
        CountDownLatch last = new CountDownLatch(1);
        fake.on("block/get", (call, wire) -> {
            Cid cid = Cid.parse(call.arg());
            if (cid.equals(cids.get(3))) {
                last.countDown();
            } else if (cids.indexOf(cid) < 3) {
                wire.waitForAndGoOn(last);
            }
            wire.begin("application/vnd.ipld.raw").chunk(fake.block(cid)).end();
        });
        List<String> texts = new ArrayList<>();
        try (BlockWindow window = kubo.window(cids.iterator(), 4, false)) {
            for (CarBlock block = window.next(); block != null; block = window.next()) {
                texts.add(text(block));
            }
        }
        assertThat(texts).hasSize(12).startsWith("block 0", "block 1").endsWith("block 11");
    }

    @Test
    void window_width_isNotExceeded() throws IOException {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        fake.on("block/get", (call, wire) -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            byte[] block = fake.block(Cid.parse(call.arg()));
            underWay.decrementAndGet();
            wire.begin("application/vnd.ipld.raw").chunk(block).end();
        });
        int count = 0;
        try (BlockWindow window = kubo.window(stored(200).iterator(), 5, false)) {
            while (window.next() != null) {
                count++;
            }
        }
        assertThat(count).isEqualTo(200);
        assertThat(most.get()).isLessThanOrEqualTo(5);
        assertThat(fake.connectionsAccepted()).isLessThan(50);
    }

    @Test
    void window_oneBlockFails_goesOnWithTheNext() throws IOException {
        List<Cid> cids = stored(3);
        fake.blocks().remove(cids.get(1));
        try (BlockWindow window = kubo.window(cids.iterator(), 32, true)) {
            assertThat(text(window.next())).isEqualTo("block 0");
            failure(Kind.ABSENT, window::next);
            assertThat(text(window.next())).isEqualTo("block 2");
            assertThat(window.next()).isNull();
        }
    }

    @Test
    void window_oneBlockHangs_isGivenUpAlone() throws IOException {
        List<Cid> cids = stored(3);
        fake.on("block/get", (call, wire) -> {
            Cid cid = Cid.parse(call.arg());
            if (cid.equals(cids.getFirst())) {
                wire.hang();
            } else {
                wire.begin("application/vnd.ipld.raw").chunk(fake.block(cid)).end();
            }
        });
        try (KuboClient hasty = fake.client(null, FakeKubo.limits(Duration.ofSeconds(1)));
                BlockWindow window = hasty.window(cids.iterator(), 32, false)) {
            failure(Kind.LATE, window::next);
            assertThat(text(window.next())).isEqualTo("block 1");
        }
    }

    @Test
    void window_closed_cancelsWhatIsOnTheWay() throws Exception {
        CountDownLatch begun = new CountDownLatch(4);
        CountDownLatch cancelled = new CountDownLatch(3);
        List<Cid> cids = stored(4);
        fake.on("block/get", (call, wire) -> {
            begun.countDown();
            wire.waitForAndGoOn(begun);
            if (call.arg().equals(cids.getFirst().toString())) {
                wire.begin("application/vnd.ipld.raw")
                        .chunk(fake.block(cids.getFirst()))
                        .end();
                return;
            }
            try {
                wire.hang();
            } finally {
                cancelled.countDown();
            }
        });
        try (BlockWindow window = kubo.window(cids.iterator(), 4, false)) {
            assertThat(text(window.next())).isEqualTo("block 0");
        }
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void window_tooWide_isRefused() {
        assertThatThrownBy(() -> kubo.window(List.<Cid>of().iterator(), 33, false))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
