package dev.narsil.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.path.StoreDir;

class RemotePathFuzzTest {

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] bytes) {
        try {
            assertThat(RemotePathCodec.encode(RemotePathCodec.decode(StoreDir.DEFAULT, bytes)))
                    .isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e).hasMessageContaining("remote path");
        }
        try {
            assertThat(RemotePathCodec.encodeNar(RemotePathCodec.decodeNar(bytes)))
                    .isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e).hasMessageContaining("path of a remote NAR");
        }
    }
}
