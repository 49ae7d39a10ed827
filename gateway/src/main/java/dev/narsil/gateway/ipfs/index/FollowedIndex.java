package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.narinfo.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An index that is followed. Its stored form is specified in {@link dev.narsil.gateway.ipfs.index}.
 *
 * @param source where it is: a URL, or {@code /ipns/} and a name
 * @param keys of which one has to have signed it
 * @param sequence of the index that is stored, 0 for none
 * @param root CID of the root of that, or null
 * @param made when that was made, in seconds
 * @param asked when the source last told which index is the newest, in seconds; the epoch for never
 * @param failure why it did not the last time; empty if it did
 */
public record FollowedIndex(
        IndexSource source,
        List<PublicKey> keys,
        long sequence,
        @Nullable Cid root,
        Instant made,
        Instant asked,
        String failure) {

    static final char KIND = 'F';
    static final int VERSION = 1;

    /** Most keys. */
    public static final int MAX_KEYS = 16;

    private static final int MAX_FAILURE = 300;

    /** Checks the number of keys. */
    public FollowedIndex {
        keys = List.copyOf(keys);
        if (keys.isEmpty() || keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException(
                    "an index is followed by 1 to " + MAX_KEYS + " keys, not " + keys.size());
        }
        failure = failure.length() <= MAX_FAILURE ? failure : failure.substring(0, MAX_FAILURE);
    }

    /** One of which nothing is stored yet. */
    static FollowedIndex to(IndexSource source, List<PublicKey> keys) {
        return new FollowedIndex(source, keys, 0, null, Instant.EPOCH, Instant.EPOCH, "");
    }

    FollowedIndex withKeys(List<PublicKey> others) {
        return new FollowedIndex(source, others, sequence, root, made, asked, failure);
    }

    FollowedIndex withIndex(IndexRoot index, Cid cid, Instant now) {
        return new FollowedIndex(source, keys, index.sequence(), cid, index.time(), now, "");
    }

    FollowedIndex unchanged(Instant now) {
        return new FollowedIndex(source, keys, sequence, root, made, now, "");
    }

    FollowedIndex failed(String reason) {
        return new FollowedIndex(source, keys, sequence, root, made, asked, reason);
    }

    byte[] encode() {
        RecordWriter record =
                new RecordWriter(KIND, VERSION).string(source.toString()).varint(keys.size());
        keys.forEach(key -> record.string(key.toString()));
        byte[] cid = root == null ? new byte[0] : root.bytes();
        return record.varint(sequence)
                .varint(cid.length)
                .bytes(cid)
                .varint(made.getEpochSecond())
                .varint(asked.getEpochSecond())
                .string(failure)
                .finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static FollowedIndex decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("subscription", KIND, VERSION, bytes);
        try {
            IndexSource source = IndexSource.parse(reader.string());
            List<PublicKey> keys = new ArrayList<>();
            for (int left = reader.varint(MAX_KEYS); left > 0; left--) {
                keys.add(PublicKey.parse(reader.string()));
            }
            long sequence = reader.varint();
            byte[] cid = reader.bytes(reader.varint(Cid.MAX_BYTES));
            Instant made = instant(reader);
            Instant asked = instant(reader);
            String failure = reader.string();
            reader.finish();
            if (sequence < 0 || (sequence == 0) != (cid.length == 0) || failure.length() > MAX_FAILURE) {
                throw reader.corrupt("sequence " + sequence + " with a CID of " + cid.length + " bytes");
            }
            Cid root = cid.length == 0 ? null : Cid.decode(cid);
            return new FollowedIndex(source, keys, sequence, root, made, asked, failure);
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    private static Instant instant(RecordReader reader) throws FormatException {
        long seconds = reader.varint();
        if (seconds < 0 || seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time is " + seconds);
        }
        return Instant.ofEpochSecond(seconds);
    }
}
