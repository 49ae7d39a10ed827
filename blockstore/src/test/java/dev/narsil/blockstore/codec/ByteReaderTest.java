package dev.narsil.blockstore.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteReaderTest {

    @Test
    void varint_everyLength_comesBackAndIsCounted() throws FormatException {
        for (int shift = 0; shift < 63; shift++) {
            for (long value : new long[] {1L << shift, (1L << shift) - 1, Long.MAX_VALUE >>> shift}) {
                byte[] bytes = new ByteWriter().varint(value).toByteArray();
                assertThat(bytes).hasSize(ByteWriter.varintLength(value));
                ByteReader reader = new ByteReader("thing", bytes);
                assertThat(reader.varint()).isEqualTo(value);
                reader.finish();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "8000", "ff00", "80808080808080808001", "ffffffffffffffffffff01"})
    void varint_anotherForm_isRefused(String hex) {
        ByteReader reader = new ByteReader("thing", HexFormat.of().parseHex(hex));
        assertThatThrownBy(reader::varint)
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("thing is corrupt at byte ");
    }

    @Test
    void reader_ofAPart_doesNotLeaveIt() throws FormatException {
        byte[] bytes = "before-in-after".getBytes(StandardCharsets.US_ASCII);
        ByteReader reader = new ByteReader("thing", bytes, 7, 9);
        assertThat(reader.peek()).isEqualTo('i');
        assertThat(reader.position()).isEqualTo(7);
        assertThat(reader.remaining()).isEqualTo(2);
        assertThatThrownBy(() -> reader.bytes(3)).hasMessage("thing is corrupt at byte 0: it ends early");
        assertThatThrownBy(() -> reader.skip(-1)).hasMessage("thing is corrupt at byte 0: it ends early");
        assertThat(reader.u8()).isEqualTo('i');
        assertThatThrownBy(reader::finish).hasMessage("thing is corrupt at byte 1: 1 bytes are left over");
        assertThat(reader.utf8(1)).isEqualTo("n");
        assertThat(reader.since(7)).containsExactly('i', 'n');
        assertThat(reader.peek()).isEqualTo(-1);
        reader.finish();
    }

    @Test
    void utf8_wrongBytes_areRefused() {
        for (String hex : new String[] {"ff", "c080", "eda080", "e282"}) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            assertThatThrownBy(() -> new ByteReader("thing", bytes).utf8(bytes.length))
                    .as(hex)
                    .hasMessageContaining("not UTF-8");
        }
    }

    @Test
    void writer_negativeNumber_isRefused() {
        assertThatThrownBy(() -> new ByteWriter().varint(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
