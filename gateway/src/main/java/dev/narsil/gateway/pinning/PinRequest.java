package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a request to keep something.
 *
 * @param id when it was made, and what cannot be guessed
 * @param owner id of the token it came with
 * @param pin what is to be kept
 * @param phase what has become of it
 * @param foreign whether the daemon had pinned the CID before any request, for what is not known here
 * @param bytes of the blocks below the CID; 0 while that is not known
 * @param details why it is in its phase; may be empty
 * @param replaced the request whose pin goes when this one is settled; null for none
 */
record PinRequest(
        Id id,
        String owner,
        Pin pin,
        Phase phase,
        boolean foreign,
        long bytes,
        String details,
        @Nullable Id replaced) {

    static final char KIND = 'Q';
    static final int VERSION = 1;

    /** Most characters of {@link #details()}. */
    static final int MAX_DETAILS = 500;

    /** The state of a request, of which the last is not of the API. */
    enum Phase {
        QUEUED(0),
        PINNING(1),
        PINNED(2),
        FAILED(3),
        /** Nobody wants it any more; its pin may be there still. */
        REMOVED(4);

        private final int code;

        Phase(int code) {
            this.code = code;
        }

        /** Tells whether something is to be fetched for it. */
        boolean isOpen() {
            return this == QUEUED || this == PINNING;
        }
    }

    /**
     * The id of a request.
     *
     * @param millis when it was made, in milliseconds since 1970; no two requests of a store share it
     * @param random what nobody can guess
     */
    record Id(long millis, long random) {

        static final int BYTES = 2 * Long.BYTES;

        private static final int DIGITS = 2 * BYTES;

        /** Reads the text; null if it is none. */
        static @Nullable Id parse(String text) {
            return text.matches("[0-7][0-9a-f]{" + (DIGITS - 1) + "}")
                    ? new Id(
                            Long.parseLong(text.substring(0, DIGITS / 2), 16),
                            Long.parseUnsignedLong(text.substring(DIGITS / 2), 16))
                    : null;
        }

        byte[] bytes() {
            return ByteBuffer.allocate(BYTES).putLong(millis).putLong(random).array();
        }

        static Id decode(byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Id(buffer.getLong(), buffer.getLong());
        }

        /** Returns 32 hexadecimal digits. */
        @Override
        public String toString() {
            return String.format("%016x%016x", millis, random);
        }
    }

    PinRequest {
        details = details.length() <= MAX_DETAILS ? details : details.substring(0, MAX_DETAILS);
    }

    /** Returns this in another phase. */
    PinRequest in(Phase newPhase, String newDetails) {
        return new PinRequest(id, owner, pin, newPhase, foreign, bytes, newDetails, replaced);
    }

    /** Returns this as it is fetched. */
    PinRequest pinning(boolean newForeign) {
        return new PinRequest(id, owner, pin, Phase.PINNING, newForeign, bytes, "", replaced);
    }

    /** Returns this with all its blocks there. */
    PinRequest pinned(long newBytes) {
        return new PinRequest(id, owner, pin, Phase.PINNED, foreign, newBytes, "", replaced);
    }

    /** Returns this when the daemon has pinned its CID no longer. */
    PinRequest lost() {
        return new PinRequest(id, owner, pin, Phase.PINNING, false, bytes, "the daemon had lost it", replaced);
    }

    /** Returns this when what it replaced is gone. */
    PinRequest settled() {
        return new PinRequest(id, owner, pin, phase, foreign, bytes, details, null);
    }

    /** Returns what the API says of it; it must not be removed. */
    PinStatus status(List<String> delegates) {
        PinState state = switch (phase) {
            case QUEUED -> PinState.QUEUED;
            case PINNING -> PinState.PINNING;
            case PINNED -> PinState.PINNED;
            case FAILED -> PinState.FAILED;
            case REMOVED -> throw new IllegalStateException("a request that is not there any more");
        };
        Map<String, String> info = new TreeMap<>();
        if (!details.isEmpty()) {
            info.put(PinStatus.DETAILS, details);
        }
        if (bytes > 0) {
            info.put(PinStatus.DAG_SIZE, Long.toString(bytes));
        }
        return new PinStatus(id.toString(), state, Instant.ofEpochMilli(id.millis()), pin, delegates, info);
    }

    /** Returns the stored form, specified in {@link dev.narsil.gateway.pinning}. */
    byte[] encode() {
        RecordWriter record = new RecordWriter(KIND, VERSION)
                .bytes(id.bytes())
                .string(owner)
                .u8(phase.code)
                .u8(foreign ? 1 : 0)
                .varint(bytes)
                .varint(pin.cid().length())
                .bytes(pin.cid().bytes())
                .string(pin.name())
                .varint(pin.origins().size());
        pin.origins().forEach(record::string);
        record.varint(pin.meta().size());
        pin.meta().forEach((key, value) -> record.string(key).string(value));
        record.string(details).varint(replaced == null ? 0 : Id.BYTES);
        if (replaced != null) {
            record.bytes(replaced.bytes());
        }
        return record.finish();
    }

    /** Reads the stored form. */
    static PinRequest decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("pin request", KIND, VERSION, bytes);
        Id id = id(reader);
        String owner = reader.string();
        Phase phase = phase(reader);
        boolean foreign = bounded(reader, reader.u8(), 1) == 1;
        long size = reader.varint();
        Cid cid = Cid.decode(reader.bytes(reader.varint(Cid.MAX_BYTES)));
        String name = reader.string();
        List<String> origins = new ArrayList<>();
        for (int left = reader.count(1); left > 0; left--) {
            origins.add(reader.string());
        }
        TreeMap<String, String> meta = new TreeMap<>();
        for (int left = reader.count(2); left > 0; left--) {
            String key = reader.string();
            if (!meta.isEmpty() && key.compareTo(meta.lastKey()) <= 0) {
                throw reader.corrupt("keys out of order");
            }
            meta.put(key, reader.string());
        }
        String details = reader.string();
        if (details.length() > MAX_DETAILS) {
            throw reader.corrupt("too long an explanation");
        }
        int replaced = reader.varint(Id.BYTES);
        if (replaced != 0 && replaced != Id.BYTES) {
            throw reader.corrupt("an id of " + replaced + " bytes");
        }
        Id before = replaced == 0 ? null : id(reader);
        reader.finish();
        return new PinRequest(id, owner, new Pin(cid, name, origins, meta), phase, foreign, size, details, before);
    }

    private static Id id(RecordReader reader) throws FormatException {
        Id id = Id.decode(reader.bytes(Id.BYTES));
        if (id.millis() < 0) {
            throw reader.corrupt("a time before 1970");
        }
        return id;
    }

    private static Phase phase(RecordReader reader) throws FormatException {
        int code = reader.u8();
        for (Phase phase : Phase.values()) {
            if (phase.code == code) {
                return phase;
            }
        }
        throw reader.corrupt("state " + code);
    }

    private static int bounded(RecordReader reader, int value, int max) throws FormatException {
        if (value > max) {
            throw reader.corrupt("a byte " + value);
        }
        return value;
    }
}
