package dev.narsil.blockstore.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.testing.Golden;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordTest {

    private static RecordReader reader(byte[] record) throws FormatException {
        return new RecordReader("thing", 'T', 1, record);
    }

    private static RecordReader body(String hex) throws FormatException {
        return reader(Golden.sealed('T', HexFormat.of().parseHex(hex)));
    }

    @Test
    void everything_written_isReadAgain() throws FormatException {
        byte[] big = new byte[100_000];
        big[99_999] = 7;
        byte[] record = new RecordWriter('T', 1)
                .u8(255)
                .varint(0)
                .varint(Long.MAX_VALUE)
                .bytes(big)
                .string("")
                .string("caf\u00e9")
                .finish();
        RecordReader reader = reader(record);
        assertThat(reader.version()).isEqualTo(1);
        assertThat(reader.u8()).isEqualTo(255);
        assertThat(reader.varint()).isZero();
        assertThat(reader.varint()).isEqualTo(Long.MAX_VALUE);
        assertThat(reader.bytes(big.length)).isEqualTo(big);
        assertThat(reader.string()).isEmpty();
        assertThat(reader.string()).isEqualTo("caf\u00e9");
        reader.finish();
    }

    @ParameterizedTest
    @CsvSource({"00, 0", "7f, 127", "8001, 128", "ff7f, 16383", "ffffffffffffffff7f, 9223372036854775807"})
    void varint_shortestForm_isRead(String hex, long value) throws FormatException {
        assertThat(body(hex).varint()).isEqualTo(value);
        assertThat(new RecordWriter('T', 1).varint(value).finish())
                .isEqualTo(Golden.sealed('T', HexFormat.of().parseHex(hex)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "80",
                "8000",
                "ff00",
                "808080",
                "ffffffffffffffffff00",
                "ffffffffffffffffff01",
                "80808080808080808001"
            })
    void varint_ofAnotherForm_isRefused(String hex) throws FormatException {
        RecordReader reader = body(hex);
        assertThatThrownBy(reader::varint)
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("thing is corrupt");
    }

    @Test
    void count_beyondWhatIsLeft_isRefused() throws FormatException {
        RecordReader reader = body("ffffffffffffffff7f");
        assertThatThrownBy(() -> reader.count(1))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("at most");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0161ff", "01ff", "02c080", "03eda080", "0561"})
    void string_notUtf8OrLonger_isRefused(String hex) throws FormatException {
        RecordReader reader = body(hex);
        assertThatThrownBy(() -> {
                    reader.string();
                    reader.finish();
                })
                .isInstanceOf(FormatException.class);
    }

    @Test
    void open_otherKindOrVersion_isRefused() {
        byte[] record = new RecordWriter('T', 1).finish();
        assertThatThrownBy(() -> new RecordReader("other", 'O', 1, record))
                .hasMessageContaining("begins with byte 0x54");
        byte[] newer = new RecordWriter('T', 255).finish();
        assertThatThrownBy(() -> reader(newer)).hasMessageContaining("newer version: 255");
        byte[] zero = new RecordWriter('T', 0).finish();
        assertThatThrownBy(() -> reader(zero)).hasMessageContaining("thing is corrupt");
    }

    @Test
    void varint_negative_isNotWritten() {
        RecordWriter writer = new RecordWriter('T', 1);
        assertThatThrownBy(() -> writer.varint(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
