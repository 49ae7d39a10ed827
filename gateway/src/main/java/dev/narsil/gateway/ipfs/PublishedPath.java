package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.time.Instant;

/**
 * What is remembered of a path that was published.
 *
 * @param manifest CID of its manifest, which is pinned
 * @param nar CID of the UnixFS file that is its NAR
 * @param since when it was published, in seconds
 */
public record PublishedPath(Cid manifest, Cid nar, Instant since) {

    static final char KIND = 'I';
    static final int VERSION = 1;

    /** Returns the stored form, specified in {@link dev.narsil.gateway.ipfs}. */
    public byte[] encode() {
        RecordWriter record = new RecordWriter(KIND, VERSION).varint(since.getEpochSecond());
        for (Cid cid : new Cid[] {manifest, nar}) {
            record.varint(cid.length()).bytes(cid.bytes());
        }
        return record.finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    public static PublishedPath decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("published path", KIND, VERSION, bytes);
        long seconds = reader.varint();
        Cid manifest = cid(reader);
        Cid nar = cid(reader);
        reader.finish();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + seconds);
        }
        return new PublishedPath(manifest, nar, Instant.ofEpochSecond(seconds));
    }

    private static Cid cid(RecordReader reader) throws FormatException {
        return Cid.decode(reader.bytes(reader.varint(Cid.MAX_BYTES)));
    }
}
