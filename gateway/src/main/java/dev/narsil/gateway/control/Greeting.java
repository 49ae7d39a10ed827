package dev.narsil.gateway.control;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The first 8 bytes of either side. */
final class Greeting {

    static final int VERSION = 1;

    private static final byte[] MAGIC = "NARSIL".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = MAGIC.length + Short.BYTES;

    private Greeting() {}

    static byte[] bytes(int version) {
        return ByteBuffer.allocate(LENGTH).put(MAGIC).putShort((short) version).array();
    }

    /** Reads the other side's greeting and returns its version. */
    static int read(DataInputStream in) throws IOException {
        byte[] magic = in.readNBytes(MAGIC.length);
        if (magic.length < MAGIC.length) {
            throw new EOFException("the connection ended in the greeting");
        }
        if (!Arrays.equals(magic, MAGIC)) {
            throw new ControlException("the other side does not speak the control protocol of narsil");
        }
        return in.readUnsignedShort();
    }
}
