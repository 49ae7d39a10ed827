package dev.narsil.blockstore.pack;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;

class PackFuzzTest {

    @FuzzTest
    void decode_anyBytes_isRefusedOrSound(byte[] data) {
        check(data);
        check(PackTest.sealed(data));
    }

    private static void check(byte[] bytes) {
        try {
            Pack pack = Pack.decode(bytes);
            assertThat(pack.blocks()).isPositive();
            assertThat(pack.offset(pack.blocks())).isEqualTo(pack.raw().length);
            for (int i = 0; i < pack.blocks(); i++) {
                assertThat(pack.offset(i + 1)).isGreaterThan(pack.offset(i));
                assertThat(pack.id(i)).isNotNull();
            }
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("pack is ");
        }
    }
}
