package dev.narsil.gateway.upload;

import com.github.luben.zstd.Zstd;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compresses a small file as it arrives. Calls native code. */
final class ObjectBytes {

    /** Most bytes of any file, before compression. */
    static final int MAX_BYTES = 64 << 20;

    /** Most bytes of any file at rest, as a record is held in memory as a whole. */
    static final int MAX_STORED_BYTES = 16 << 20;

    /** Files are written once and read now and then. */
    private static final int LEVEL = 6;

    private final List<byte[]> frames = new ArrayList<>();
    private final MessageDigest hash = Sha256.newDigest();
    private int length;
    private int stored;

    private ObjectBytes() {}

    /**
     * Reads a whole file.
     *
     * @throws RefusedException if it has more than {@code max} bytes, or more than {@link #MAX_STORED_BYTES} at rest
     */
    static StoredObject read(InputStream in, int max) throws IOException {
        ObjectBytes bytes = new ObjectBytes();
        byte[] frame = new byte[StoredObject.FRAME_BYTES];
        int count = in.readNBytes(frame, 0, frame.length);
        while (count > 0) {
            bytes.add(frame, count, max);
            count = in.readNBytes(frame, 0, frame.length);
        }
        return new StoredObject(bytes.length, Sha256.finish(bytes.hash), bytes.frames);
    }

    private void add(byte[] frame, int count, int max) throws RefusedException {
        length += count;
        if (length > max) {
            throw new RefusedException(Verdict.tooLarge("longer than " + max + " bytes"));
        }
        hash.update(frame, 0, count);
        byte[] compressed = Zstd.compress(count == frame.length ? frame : Arrays.copyOf(frame, count), LEVEL);
        frames.add(compressed);
        stored += compressed.length;
        if (stored > MAX_STORED_BYTES) {
            throw new RefusedException(Verdict.tooLarge("longer than " + MAX_STORED_BYTES + " bytes when compressed"));
        }
    }
}
