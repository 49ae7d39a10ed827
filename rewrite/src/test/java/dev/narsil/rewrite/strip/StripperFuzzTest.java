package dev.narsil.rewrite.strip;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.NearMisses;
import dev.narsil.rewrite.testing.Splits;
import java.util.Arrays;
import java.util.Random;

class StripperFuzzTest {

    @FuzzTest
    void write_anyBytes_followsTheRuleAndComesBack(byte[] data) {
        check(new StoreDir("/s"), data);
    }

    @FuzzTest
    void write_anyPieces_followsTheRuleAndComesBack(byte[] instructions) {
        check(StoreDir.DEFAULT, NearMisses.of(StoreDir.DEFAULT, instructions));
    }

    private static void check(StoreDir storeDir, byte[] nar) {
        Stripped expected = Stripped.byTheRule(storeDir, nar);
        assertThat(Stripped.whole(storeDir, nar)).isEqualTo(expected);
        Random random = new Random(Arrays.hashCode(nar));
        assertThat(Stripped.of(storeDir, feed -> Splits.random(nar, 80, random, feed)))
                .isEqualTo(expected);
        assertThat(expected.restored()).isEqualTo(nar);
    }
}
