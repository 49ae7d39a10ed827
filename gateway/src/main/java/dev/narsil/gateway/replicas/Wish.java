package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many copies of a path are wanted, and what is known of those there are.
 *
 * @param wanted copies, the own daemon's among them; 0 while those there are go
 * @param bytes of the NAR
 * @param checked when a round looked at it last, in seconds; null for never
 * @param own whether the own daemon had it pinned then
 * @param manifest what was asked for; null for nothing
 * @param replicas what the donors were asked for
 */
public record Wish(
        int wanted,
        long bytes,
        @Nullable Instant checked,
        boolean own,
        @Nullable Cid manifest,
        List<Replica> replicas) {

    /** Most copies that can be wanted. */
    public static final int MAX_WANTED = 100;

    static final char KIND = 'D';
    static final int VERSION = 1;

    private static final String WHAT = "wish";
    private static final int MAX_REPLICAS = 1000;
    private static final int MAX_COPIES = 1_000_000;
    private static final int MIN_REPLICA_BYTES = 8;

    public Wish {
        if (wanted < 0 || wanted > MAX_WANTED) {
            throw new IllegalArgumentException("from 0 to " + MAX_WANTED + " copies can be wanted, not " + wanted);
        }
        replicas = List.copyOf(replicas);
    }

    /** Returns a new one, of which nothing was asked. */
    static Wish of(int wanted, long bytes) {
        return new Wish(wanted, bytes, null, false, null, List.of());
    }

    /** Returns this with another number. */
    Wish wanting(int newWanted) {
        return new Wish(newWanted, bytes, checked, own, manifest, replicas);
    }

    /** Returns this with other copies. */
    Wish with(@Nullable Cid newManifest, boolean newOwn, List<Replica> newReplicas, Instant now) {
        return new Wish(wanted, bytes, now, newOwn, newManifest, newReplicas);
    }

    /** Copies that were seen; that of the own daemon is one. */
    public int verified() {
        return (own ? 1 : 0)
                + replicas.stream().mapToInt(Replica::verifiedCopies).sum();
    }

    /** Copies that donors say they have and that were not seen. */
    public int claimed() {
        return replicas.stream().mapToInt(Replica::claimedCopies).sum();
    }

    /** Copies that there are not. */
    public int missing() {
        return Math.max(0, wanted - verified() - claimed());
    }

    /** Returns the stored form, specified in {@link dev.narsil.gateway.replicas}. */
    byte[] encode() {
        RecordWriter record = new RecordWriter(KIND, VERSION)
                .varint(wanted)
                .varint(bytes)
                .varint(seconds(checked))
                .u8(own ? 1 : 0)
                .varint(manifest == null ? 0 : manifest.length());
        if (manifest != null) {
            record.bytes(manifest.bytes());
        }
        record.varint(replicas.size());
        for (Replica replica : replicas) {
            record.string(replica.donor())
                    .string(replica.requestId())
                    .u8(replica.state().code())
                    .varint(replica.wanted())
                    .varint(replica.held())
                    .varint(replica.asked().getEpochSecond())
                    .varint(seconds(replica.verified()))
                    .string(replica.details());
        }
        return record.finish();
    }

    private static long seconds(@Nullable Instant time) {
        return time == null ? 0 : time.getEpochSecond();
    }

    /** Reads the stored form. */
    static Wish decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader(WHAT, KIND, VERSION, bytes);
        int wanted = reader.varint(MAX_WANTED);
        long size = reader.varint();
        Instant checked = time(reader);
        int own = reader.u8();
        if (own > 1) {
            throw reader.corrupt("a byte " + own);
        }
        int length = reader.varint(Cid.MAX_BYTES);
        Cid manifest = length == 0 ? null : Cid.decode(reader.bytes(length));
        List<Replica> replicas = new ArrayList<>();
        int count = reader.count(MIN_REPLICA_BYTES);
        if (count > MAX_REPLICAS) {
            throw reader.corrupt(count + " donors");
        }
        for (int i = 0; i < count; i++) {
            replicas.add(replica(reader));
        }
        reader.finish();
        return new Wish(wanted, size, checked, own == 1, manifest, replicas);
    }

    private static Replica replica(RecordReader reader) throws FormatException {
        String donor = reader.string();
        String requestId = reader.string();
        Replica.State state = state(reader);
        int wanted = reader.varint(MAX_COPIES);
        int held = reader.varint(MAX_COPIES);
        Instant asked = time(reader);
        Instant verified = time(reader);
        String details = reader.string();
        if (wanted < 1 || details.length() > Replica.MAX_DETAILS) {
            throw reader.corrupt("a replica out of its bounds");
        }
        return new Replica(
                donor, requestId, state, wanted, held, asked == null ? Instant.EPOCH : asked, verified, details);
    }

    private static Replica.State state(RecordReader reader) throws FormatException {
        int code = reader.u8();
        for (Replica.State state : Replica.State.values()) {
            if (state.code() == code) {
                return state;
            }
        }
        throw reader.corrupt("state " + code);
    }

    private static @Nullable Instant time(RecordReader reader) throws FormatException {
        long seconds = reader.varint();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + seconds);
        }
        return seconds == 0 ? null : Instant.ofEpochSecond(seconds);
    }
}
