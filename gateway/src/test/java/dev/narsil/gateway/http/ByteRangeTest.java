package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.http.ByteRange.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

    private static final long SIZE = 1000;

    @ParameterizedTest
    @CsvSource({
        "bytes=0-, 0, 1000",
        "bytes=0-0, 0, 1",
        "bytes=1-, 1, 999",
        "bytes=999-, 999, 1",
        "bytes=10-19, 10, 10",
        "bytes=10-5000, 10, 990",
        "bytes=10-99999999999999999999, 10, 990",
        "bytes=-1, 999, 1",
        "bytes=-1000, 0, 1000",
        "bytes=-5000, 0, 1000",
        "BYTES=5-6, 5, 2",
        "'bytes= 5-6 ', 5, 2",
    })
    void parse_oneRange_isThatPart(String header, long from, long length) {
        assertThat(ByteRange.parse(header, SIZE)).isEqualTo(new ByteRange(Kind.PART, from, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000-", "bytes=1000-1001", "bytes=99999999999999999999-", "bytes=-0"})
    void parse_rangeBeyondTheEnd_isUnsatisfiable(String header) {
        ByteRange range = ByteRange.parse(header, SIZE);
        assertThat(range.kind()).isEqualTo(Kind.UNSATISFIABLE);
        assertThat(range.contentRange(SIZE)).isEqualTo("bytes */1000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=1",
                "bytes=a-",
                "bytes=1-b",
                "bytes=+1-2",
                "bytes=5-4",
                "bytes=0-1,3-4",
                "bytes=1--2",
                "bytes=--1",
                "bytes=0x1-2",
                "lines=1-2",
                "bytes 1-2",
                "bytes=1-2-3",
                "bytes=\u0661-"
            })
    void parse_severalOrMalformed_isTheWhole(String header) {
        assertThat(ByteRange.parse(header, SIZE)).isEqualTo(ByteRange.whole(SIZE));
    }
}
