package dev.narsil.rewrite.strip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestorerTest {

    private final HoleTable holes = new HoleTable();
    private final SlotTable slots = new SlotTable();
    private final List<Digest> digests = RandomNar.digests(5, 2);

    @BeforeEach
    void addDigests() {
        digests.forEach(digest -> slots.add(digest.toString().getBytes(StandardCharsets.US_ASCII), 0));
    }

    @Test
    void restore_holeOverManyCalls_isFilled() {
        holes.add(3, 1);
        holes.add(35, 0);
        Restorer restorer = new Restorer(holes, slots);
        byte[] out = new byte[70];
        for (int i = 0; i < out.length; i++) {
            restorer.restore(out, i, 1);
        }
        assertThat(restorer.position()).isEqualTo(70);
        assertThat(new String(out, StandardCharsets.US_ASCII))
                .isEqualTo("\0\0\0" + digests.get(1) + digests.get(0) + "\0\0\0");
    }

    @Test
    void restore_emptyRange_changesNothing() {
        holes.add(0, 0);
        Restorer restorer = new Restorer(holes, slots);
        restorer.restore(new byte[0], 0, 0);
        byte[] out = new byte[32];
        restorer.restore(out, 0, 32);
        assertThat(new String(out, StandardCharsets.US_ASCII))
                .isEqualTo(digests.get(0).toString());
    }

    @Test
    void restore_tablesGrowBetweenCalls_fillsNewHoles() {
        Restorer restorer = new Restorer(holes, slots);
        byte[] out = new byte[64];
        restorer.restore(out, 0, 10);
        holes.add(10, 0);
        restorer.restore(out, 10, 20);
        restorer.restore(out, 30, 34);
        assertThat(new String(out, StandardCharsets.US_ASCII))
                .isEqualTo("\0".repeat(10) + digests.get(0) + "\0".repeat(22));
    }

    @Test
    void restore_slotWithoutDigest_isRefused() {
        holes.add(0, 2);
        Restorer restorer = new Restorer(holes, slots);
        assertThatThrownBy(() -> restorer.restore(new byte[32], 0, 32)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void seek_negative_isRefused() {
        assertThatThrownBy(() -> new Restorer(holes, slots).seek(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void restore_randomPiecesAndRanges_givesTheNar(long seed) throws IOException {
        byte[] nar = RandomNar.of(seed).bytes(RandomNar.digests(seed, 30));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Stripper stripper = new Stripper(StoreDir.DEFAULT, out::write);
        stripper.write(nar, 0, nar.length);
        stripper.finish();
        byte[] stripped = out.toByteArray();
        SlotTable stored = SlotTable.of(stripper.slots().toBytes());
        Random random = new Random(seed);

        byte[] whole = stripped.clone();
        Restorer restorer = new Restorer(stripper.holes(), stored);
        for (int at = 0; at < whole.length; ) {
            int n = Math.min(whole.length - at, random.nextInt(300));
            restorer.restore(whole, at, n);
            at += n;
        }
        assertThat(whole).as("seed %d", seed).isEqualTo(nar);

        for (int round = 0; round < 500; round++) {
            int from = random.nextInt(nar.length);
            int to = from + random.nextInt(Math.min(100, nar.length - from));
            byte[] range = Arrays.copyOfRange(stripped, from, to);
            restorer.seek(from);
            restorer.restore(range, 0, range.length);
            assertThat(range).as("seed %d, [%d, %d)", seed, from, to).isEqualTo(Arrays.copyOfRange(nar, from, to));
        }
    }

    @Test
    void hasHoles_aroundAHole_countsOverlapOnly() {
        holes.add(100, 0);
        Restorer restorer = new Restorer(holes, slots);
        assertThat(restorer.hasHoles(0, 100)).isFalse();
        assertThat(restorer.hasHoles(0, 101)).isTrue();
        assertThat(restorer.hasHoles(110, 120)).isTrue();
        assertThat(restorer.hasHoles(131, 132)).isTrue();
        assertThat(restorer.hasHoles(132, 1000)).isFalse();
        assertThat(restorer.hasHoles(110, 110)).isFalse();
    }
}
