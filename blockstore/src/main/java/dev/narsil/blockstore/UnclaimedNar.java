package dev.narsil.blockstore;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import java.time.Duration;
import java.time.Instant;

/**
 * Says of a stored NAR that no path has it yet.
 *
 * @param since when it was stored, or somebody was told that it is, in seconds
 */
public record UnclaimedNar(Instant since) {

    /** A mark that is younger than this is as good as a new one. */
    public static final Duration RENEWED_AFTER = Duration.ofHours(1);

    static final char KIND = 'W';
    static final int VERSION = 1;

    /** Returns the stored form, specified in {@link dev.narsil.blockstore}. */
    public byte[] encode() {
        return new RecordWriter(KIND, VERSION).varint(since.getEpochSecond()).finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    public static UnclaimedNar decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("unclaimed NAR", KIND, VERSION, bytes);
        long seconds = reader.varint();
        reader.finish();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + seconds);
        }
        return new UnclaimedNar(Instant.ofEpochSecond(seconds));
    }
}
