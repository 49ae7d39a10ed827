package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class ByteRangeFuzzTest {

    private static final long SIZE = 1000;

    @FuzzTest
    void parse_anyHeader_staysInsideTheBody(byte[] header) {
        ByteRange range = ByteRange.parse(new String(header, StandardCharsets.ISO_8859_1), SIZE);
        switch (range.kind()) {
            case WHOLE -> assertThat(range).isEqualTo(ByteRange.whole(SIZE));
            case PART -> {
                assertThat(range.from()).isBetween(0L, SIZE - 1);
                assertThat(range.length()).isBetween(1L, SIZE - range.from());
            }
            case UNSATISFIABLE -> assertThat(range.length()).isZero();
        }
    }
}
