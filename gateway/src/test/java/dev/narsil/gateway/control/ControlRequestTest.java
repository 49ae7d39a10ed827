package dev.narsil.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlRequestTest {

    private static final ControlRequest REQUEST = new ControlRequest(
            List.of("import", "", "file:///späce here"), Path.of("/home/ü"), new Terminal(true, false, true, 132));

    @Test
    void parse_whatEncodeWrote_isTheSame() throws Exception {
        assertThat(ControlRequest.parse(REQUEST.encode())).isEqualTo(REQUEST);
    }

    @Test
    void parse_everyPrefix_isRefused() throws Exception {
        byte[] bytes = REQUEST.encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] prefix = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> ControlRequest.parse(prefix))
                    .as("prefix of %d bytes", length)
                    .isInstanceOf(ControlException.class)
                    .hasMessage("request that ends early");
        }
    }

    @Test
    void parse_oneByteMore_isRefused() throws Exception {
        byte[] bytes = REQUEST.encode();
        assertThatThrownBy(() -> ControlRequest.parse(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(ControlException.class)
                .hasMessage("request with 1 bytes after its end");
    }

    @Test
    void parse_unknownTerminalFlag_isRefused() throws Exception {
        byte[] bytes = REQUEST.encode();
        bytes[0] |= 8;
        assertThatThrownBy(() -> ControlRequest.parse(bytes))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("unknown terminal flags");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 65_537, Integer.MAX_VALUE})
    void parse_hostileCount_isRefusedBeforeAnythingIsAllocated(int count) {
        byte[] bytes = ByteBuffer.allocate(3 + 4 + 1 + 4)
                .put((byte) 0)
                .putShort((short) 80)
                .putInt(1)
                .put((byte) '/')
                .putInt(count)
                .array();
        assertThatThrownBy(() -> ControlRequest.parse(bytes))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("at most 65536 are allowed");
    }

    @Test
    void parse_textThatIsNotUtf8_isRefused() {
        byte[] bytes = ByteBuffer.allocate(3 + 4 + 1)
                .put((byte) 0)
                .putShort((short) 80)
                .putInt(1)
                .put((byte) 0xff)
                .array();
        assertThatThrownBy(() -> ControlRequest.parse(bytes))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void parse_relativeFolder_isRefused() {
        byte[] bytes = ByteBuffer.allocate(3 + 4 + 1)
                .put((byte) 0)
                .putShort((short) 80)
                .putInt(1)
                .put((byte) 'x')
                .array();
        assertThatThrownBy(() -> ControlRequest.parse(bytes))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("not absolute");
    }
}
