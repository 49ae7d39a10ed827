package dev.narsil.gateway.control;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A connection's frames. One thread may read while others write. */
final class FrameChannel {

    /** A frame that arrived. */
    @SuppressWarnings("ArrayRecordComponent")
    record Frame(FrameType type, byte[] payload) {}

    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    private final DataInputStream in;
    private final OutputStream out;
    private final ReentrantLock writing = new ReentrantLock();

    FrameChannel(InputStream in, OutputStream out) {
        this.in = new DataInputStream(new BufferedInputStream(in));
        this.out = out;
    }

    /** Sends a greeting and returns the version in the other side's. */
    int greet(int version) throws IOException {
        write(Greeting.bytes(version));
        return Greeting.read(in);
    }

    /**
     * Waits for the next frame; null when the other side has closed the connection between frames.
     *
     * @throws ControlException if it is none of {@code allowed} or longer than its type may be
     * @throws EOFException if the connection ends within it
     */
    @Nullable Frame read(FrameType... allowed) throws IOException {
        int number = in.read();
        if (number < 0) {
            return null;
        }
        FrameType type = FrameType.of(number);
        boolean known = false;
        for (FrameType candidate : allowed) {
            known |= candidate == type;
        }
        if (!known) {
            throw new ControlException("unexpected frame " + type);
        }
        long length = Integer.toUnsignedLong(in.readInt());
        if (length > type.maxLength()) {
            throw new ControlException(
                    "frame " + type + " of " + length + " bytes; at most " + type.maxLength() + " are allowed");
        }
        byte[] payload = in.readNBytes((int) length);
        if (payload.length < length) {
            throw new EOFException("the connection ended in a frame " + type);
        }
        return new Frame(type, payload);
    }

    /** Sends bytes as one frame; blocks while the other side does not take them. */
    void write(FrameType type, byte[] data, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, data.length);
        if (len > type.maxLength()) {
            throw new ControlException(
                    "frame " + type + " would take " + len + " bytes; at most " + type.maxLength() + " are allowed");
        }
        byte[] frame = new byte[HEADER_BYTES + len];
        ByteBuffer.wrap(frame).put((byte) type.number()).putInt(len).put(data, off, len);
        write(frame);
    }

    private void write(byte[] bytes) throws IOException {
        writing.lock();
        try {
            out.write(bytes);
        } finally {
            writing.unlock();
        }
    }
}
