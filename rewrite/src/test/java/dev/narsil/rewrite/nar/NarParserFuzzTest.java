package dev.narsil.rewrite.nar;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.rewrite.testing.Splits;
import java.util.Arrays;
import java.util.Random;

class NarParserFuzzTest {

    @FuzzTest
    void feed_anyBytes_isSplitIndependentAndCanonical(byte[] data) {
        Parsed whole = Parsed.whole(data);
        Random random = new Random(Arrays.hashCode(data));
        assertThat(Parsed.of(feed -> Splits.random(data, 40, random, feed))).isEqualTo(whole);
        if (whole.badOffset() < 0) {
            assertThat(Rewritten.of(data)).isEqualTo(data);
        } else {
            assertThat(whole.badOffset()).isBetween(0L, (long) data.length);
        }
    }
}
