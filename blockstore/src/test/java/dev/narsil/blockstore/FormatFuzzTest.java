package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.testing.Golden;

/** Any bytes, and any bytes with a right checksum, against the decoders. */
class FormatFuzzTest {

    @FuzzTest
    void recipe_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        for (byte[] bytes : new byte[][] {data, Golden.sealed(Recipe.KIND, data)}) {
            try {
                assertThat(Recipe.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("recipe is ");
            }
        }
    }

    @FuzzTest
    void narEntry_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        for (byte[] bytes : new byte[][] {data, Golden.sealed(NarEntry.KIND, data)}) {
            try {
                assertThat(NarEntry.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("nar entry is ");
            }
        }
    }

    @FuzzTest
    void unclaimedNar_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        for (byte[] bytes : new byte[][] {data, Golden.sealed(UnclaimedNar.KIND, data)}) {
            try {
                assertThat(UnclaimedNar.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("unclaimed NAR is ");
            }
        }
    }

    @FuzzTest
    void pathInfo_anyBytes_isRefusedOrComesBack(byte[] data) throws FormatException {
        for (byte[] bytes : new byte[][] {data, Golden.sealed(PathInfoCodec.KIND, data)}) {
            PathInfo info;
            try {
                info = PathInfoCodec.decode(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageStartingWith("path info is ");
                continue;
            }
            // a text that could be packed may have been stored as it is, so the bytes may differ
            assertThat(PathInfoCodec.decode(PathInfoCodec.encode(info))).isEqualTo(info);
        }
    }

    @FuzzTest
    void location_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            assertThat(BlockLocation.decode(data).encode()).isEqualTo(data);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("block location is ");
        }
    }
}
