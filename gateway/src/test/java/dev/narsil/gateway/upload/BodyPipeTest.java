package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BodyPipeTest {

    private static final BodyPipe.Pace HASTY = new BodyPipe.Pace(Duration.ofMillis(200), 1000);

    private final BodyPipe pipe = new BodyPipe(BodyPipe.Pace.DEFAULT);

    @Test
    void read_piecesOffered_givesThemInOrderAndThenTheEnd() throws IOException {
        pipe.offer(bytes("ab"));
        pipe.offer(new byte[0]);
        pipe.offer(bytes("cde"));
        pipe.end();
        assertThat(pipe.isComplete()).isTrue();
        assertThat(pipe.read()).isEqualTo('a');
        assertThat(new String(pipe.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("bcde");
        assertThat(pipe.read()).isEqualTo(-1);
        assertThat(pipe.received()).isEqualTo(5);
    }

    @Test
    void offer_windowFull_holdsTheClientUntilHalfWasRead() throws IOException {
        AtomicInteger resumed = new AtomicInteger();
        pipe.onRoom(resumed::incrementAndGet);
        byte[] piece = new byte[BodyPipe.WINDOW_BYTES / 4];
        assertThat(pipe.offer(piece)).isTrue();
        assertThat(pipe.offer(piece)).isTrue();
        assertThat(pipe.offer(piece)).isTrue();
        assertThat(pipe.offer(piece)).isFalse();
        assertThat(pipe.readNBytes(piece.length)).hasSize(piece.length);
        assertThat(resumed).hasValue(0);
        assertThat(pipe.readNBytes(piece.length)).hasSize(piece.length);
        assertThat(resumed).hasValue(1);
    }

    @Test
    void read_nothingYet_waitsForIt() throws Exception {
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            try {
                return pipe.read();
            } catch (IOException e) {
                return -2;
            }
        });
        pipe.offer(bytes("x"));
        assertThat(read.get()).isEqualTo('x');
    }

    @Test
    void read_clientGone_givesWhatCameAndThenSaysSo() throws IOException {
        pipe.offer(bytes("x"));
        pipe.lose();
        assertThat(pipe.isLost()).isTrue();
        assertThat(pipe.read()).isEqualTo('x');
        assertThatThrownBy(pipe::read).isInstanceOf(BodyLostException.class).hasMessageContaining("gone");
    }

    @Test
    void lose_afterTheEnd_changesNothing() throws IOException {
        pipe.end();
        pipe.lose();
        assertThat(pipe.isLost()).isFalse();
        assertThat(pipe.read()).isEqualTo(-1);
    }

    @Test
    void read_noByteForTooLong_isLost() {
        BodyPipe slow = new BodyPipe(HASTY);
        assertThatThrownBy(slow::read).isInstanceOf(BodyLostException.class).hasMessageContaining("no byte came");
        assertThat(slow.isLost()).isTrue();
    }

    @Test
    void read_dripOfBytes_isLost() {
        BodyPipe slow = new BodyPipe(HASTY);
        AtomicBoolean ended = new AtomicBoolean();
        Thread drip = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                slow.offer(new byte[1]);
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        });
        try {
            assertThatThrownBy(slow::readAllBytes)
                    .isInstanceOf(BodyLostException.class)
                    .hasMessageContaining("less than 1000 bytes a second");
        } finally {
            ended.set(true);
            LockSupport.unpark(drip);
        }
    }

    @Test
    void read_afterNobodyReadForLong_isNotLost() throws IOException {
        BodyPipe held = new BodyPipe(HASTY);
        held.offer(bytes("x"));
        LockSupport.parkNanos(2 * HASTY.stall().toNanos());
        assertThat(held.read()).isEqualTo('x');
        held.offer(bytes("y"));
        held.end();
        assertThat(held.read()).isEqualTo('y');
    }

    @Test
    void limit_exceeded_isLost() {
        pipe.limit(Duration.ofMillis(50));
        assertThatThrownBy(pipe::read).isInstanceOf(BodyLostException.class).hasMessageContaining("too long");
    }

    @Test
    void drain_restOfBody_isReadToItsEndAndDropped() throws IOException {
        AtomicInteger resumed = new AtomicInteger();
        pipe.onRoom(resumed::incrementAndGet);
        assertThat(pipe.offer(new byte[BodyPipe.WINDOW_BYTES])).isFalse();
        pipe.drop();
        assertThat(resumed).hasValue(1);
        assertThat(pipe.available()).isZero();
        assertThat(pipe.offer(new byte[BodyPipe.WINDOW_BYTES])).isTrue();
        pipe.end();
        pipe.drain();
        assertThat(pipe.read()).isEqualTo(-1);
    }

    @Test
    void drain_clientGone_saysSo() {
        pipe.lose();
        assertThatThrownBy(pipe::drain).isInstanceOf(BodyLostException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
