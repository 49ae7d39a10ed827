package dev.narsil.rewrite.strip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.testing.RandomNar;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablesTest {

    @Test
    void add_manyDigests_findsEachInItsSlot() {
        List<Digest> digests = RandomNar.digests(3, 5000);
        SlotTable table = new SlotTable();
        for (int i = 0; i < digests.size(); i++) {
            byte[] text = text(digests.get(i));
            assertThat(table.find(text, 2)).isEqualTo(-1);
            assertThat(table.add(text, 2)).isEqualTo(i);
            assertThat(table.add(text, 2)).isEqualTo(i);
        }
        assertThat(table.size()).isEqualTo(5000);
        for (int i = 0; i < digests.size(); i++) {
            assertThat(table.find(text(digests.get(i)), 2)).isEqualTo(i);
            assertThat(table.digest(i)).isEqualTo(digests.get(i));
            byte[] copy = new byte[36];
            table.copyText(i, copy, 2);
            assertThat(Arrays.copyOfRange(copy, 2, 34)).isEqualTo(Arrays.copyOfRange(text(digests.get(i)), 2, 34));
        }
    }

    @Test
    void of_bytesOfATable_givesThatTable() {
        List<Digest> digests = RandomNar.digests(4, 100);
        SlotTable table = new SlotTable();
        digests.forEach(digest -> table.add(text(digest), 2));
        SlotTable read = SlotTable.of(table.toBytes());
        assertThat(read.toBytes()).hasSize(2000).isEqualTo(table.toBytes());
        assertThat(read.digest(99)).isEqualTo(digests.get(99));
        assertThat(read.find(text(digests.get(50)), 2)).isEqualTo(50);
        assertThat(SlotTable.of(new byte[0]).size()).isZero();
    }

    @Test
    void of_damagedBytes_isRefused() {
        assertThatThrownBy(() -> SlotTable.of(new byte[19])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SlotTable.of(new byte[40]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void add_moreThanMaxSlots_isRefused() {
        SlotTable table = new SlotTable();
        for (int i = 0; i < SlotTable.MAX_SLOTS; i++) {
            table.add(numbered(i), 0);
        }
        assertThat(table.find(numbered(SlotTable.MAX_SLOTS), 0)).isEqualTo(-1);
        assertThat(table.add(numbered(77), 0)).isEqualTo(77);
        assertThatThrownBy(() -> table.add(numbered(SlotTable.MAX_SLOTS), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void add_notADigest_isRefused() {
        SlotTable table = new SlotTable();
        byte[] text = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gE".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> table.add(text, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.add(text, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table.digest(0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table.copyText(0, new byte[32], 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void add_holes_areKeptInOrder() {
        HoleTable table = new HoleTable();
        for (int i = 0; i < 1000; i++) {
            table.add(5_000_000_000L + 32L * i, i % 7);
        }
        assertThat(table.size()).isEqualTo(1000);
        assertThat(table.offset(999)).isEqualTo(5_000_031_968L);
        assertThat(table.slot(999)).isEqualTo(999 % 7);
        assertThat(table.firstEndingAfter(0)).isZero();
        assertThat(table.firstEndingAfter(5_000_000_031L)).isZero();
        assertThat(table.firstEndingAfter(5_000_000_032L)).isEqualTo(1);
        assertThat(table.firstEndingAfter(Long.MAX_VALUE)).isEqualTo(1000);
    }

    @Test
    void add_badHole_isRefused() {
        HoleTable table = new HoleTable();
        table.add(100, 0);
        assertThatThrownBy(() -> table.add(131, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.add(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.add(200, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.add(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.add(Long.MAX_VALUE, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.offset(1)).isInstanceOf(IndexOutOfBoundsException.class);
        table.add(132, 0);
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void add_moreThanMaxHoles_isRefused() {
        HoleTable table = new HoleTable();
        for (int i = 0; i < HoleTable.MAX_HOLES; i++) {
            table.add(32L * i, 0);
        }
        assertThatThrownBy(() -> table.add(32L * HoleTable.MAX_HOLES, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The text with two bytes around it. */
    private static byte[] text(Digest digest) {
        return ("//" + digest + "--").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] numbered(int i) {
        return String.format("%032d", i).getBytes(StandardCharsets.US_ASCII);
    }
}
