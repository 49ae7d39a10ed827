package dev.narsil.gateway.upload;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import java.util.ArrayList;
import java.util.List;

/**
 * A small file at rest: its length and hash, and its bytes in frames of zstd that are decoded one by one. Decoding calls native
 * code.
 */
@SuppressWarnings("ArrayRecordComponent")
public record StoredObject(int length, Sha256 hash, List<byte[]> frames) {

    /** Bytes that each frame but the last one gives. */
    public static final int FRAME_BYTES = 256 << 10;

    static final char KIND = 'O';
    static final int VERSION = 1;

    private static final String WHAT = "object";

    public StoredObject {
        frames = List.copyOf(frames);
    }

    /** Returns the bytes of the frame with this number. */
    public byte[] frame(int number) throws FormatException {
        int size = frameLength(length, number);
        byte[] bytes = new byte[size];
        try {
            long decoded = Zstd.decompressByteArray(bytes, 0, size, frames.get(number), 0, frames.get(number).length);
            if (decoded != size) {
                throw new FormatException(WHAT + " is corrupt: frame " + number + " has " + decoded + " bytes");
            }
        } catch (ZstdException e) {
            throw new FormatException(WHAT + " is corrupt: frame " + number + ": " + e.getMessage());
        }
        return bytes;
    }

    /** Returns the stored form, specified in {@link dev.narsil.gateway.upload}. */
    byte[] encode() {
        RecordWriter writer = new RecordWriter(KIND, VERSION).varint(length).bytes(hash.bytes());
        for (byte[] frame : frames) {
            writer.varint(frame.length).bytes(frame);
        }
        return writer.finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static StoredObject decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader(WHAT, KIND, VERSION, bytes);
        int length = reader.varint(ObjectBytes.MAX_BYTES);
        Sha256 hash = Sha256.of(reader.bytes(Sha256.BYTES));
        int count = (length + FRAME_BYTES - 1) / FRAME_BYTES;
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] frame = reader.bytes(reader.count(1));
            long announced = Zstd.getFrameContentSize(frame);
            if (announced != frameLength(length, i)) {
                throw reader.corrupt("frame " + i + " announces " + announced + " bytes");
            }
            frames.add(frame);
        }
        reader.finish();
        return new StoredObject(length, hash, frames);
    }

    private static int frameLength(int length, int number) {
        return Math.min(FRAME_BYTES, length - number * FRAME_BYTES);
    }
}
