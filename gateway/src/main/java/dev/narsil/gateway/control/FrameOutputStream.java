package dev.narsil.gateway.control;

import java.io.IOException;
import java.io.OutputStream;

/** Bytes that leave as frames of one type, at once. */
final class FrameOutputStream extends OutputStream {

    private final FrameChannel channel;
    private final FrameType type;

    FrameOutputStream(FrameChannel channel, FrameType type) {
        this.channel = channel;
        this.type = type;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] data, int off, int len) throws IOException {
        for (int done = 0; done < len; ) {
            int n = Math.min(len - done, type.maxLength());
            channel.write(type, data, off + done, n);
            done += n;
        }
    }
}
