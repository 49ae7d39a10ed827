package dev.narsil.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;

class ControlFuzzTest {

    @FuzzTest
    void request_anyBytes_areRefusedOrReadBack(byte[] bytes) throws IOException {
        ControlRequest request;
        try {
            request = ControlRequest.parse(bytes);
        } catch (ControlException e) {
            return;
        }
        assertThat(ControlRequest.parse(request.encode())).isEqualTo(request);
    }

    @FuzzTest
    void frames_anyBytes_areRefusedOrBounded(byte[] bytes) {
        FrameChannel channel = new FrameChannel(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
        int taken = 0;
        try {
            FrameChannel.Frame frame = channel.read(FrameType.values());
            while (frame != null) {
                taken += frame.payload().length;
                frame = channel.read(FrameType.values());
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
        assertThat(taken).isLessThanOrEqualTo(bytes.length);
    }
}
