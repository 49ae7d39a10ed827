package dev.narsil.gateway.donate;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.donate.DonationState.Kept;
import dev.narsil.gateway.donate.DonationState.Result;
import dev.narsil.gateway.sharing.NamedRecords;
import dev.narsil.rewrite.path.StorePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A donation. Its stored form is specified in {@link dev.narsil.gateway.donate}.
 *
 * @param terms what its user said of it
 * @param created when it was made, in whole seconds
 * @param state how it does
 */
public record Donation(DonationTerms terms, Instant created, DonationState state) {

    static final char KIND = 'D';
    static final int VERSION = 1;

    /** How donations are stored. */
    static final NamedRecords.Form<Donation> FORM = new NamedRecords.Form<>() {
        @Override
        public Table table() {
            return Table.DONATION;
        }

        @Override
        public char kind() {
            return KIND;
        }

        @Override
        public String noun() {
            return "donation";
        }

        @Override
        public String name(Donation value) {
            return value.name();
        }

        @Override
        public byte[] encode(Donation value) {
            return value.encode();
        }

        @Override
        public Donation decode(byte[] bytes) throws FormatException {
            return Donation.decode(bytes);
        }
    };

    /** What its user calls it. */
    public String name() {
        return terms.name();
    }

    /** Returns this in another state. */
    Donation withState(DonationState newState) {
        return new Donation(terms, created, newState);
    }

    /** Returns the stored form. */
    byte[] encode() {
        RecordWriter record = new RecordWriter(KIND, VERSION)
                .string(terms.name())
                .varint(terms.roots().size());
        terms.roots().forEach(root -> record.string(root.baseName()));
        Instant checked = state.checked();
        return record.varint(terms.maxBytes())
                .u8(terms.skipPrivate() ? 1 : 0)
                .varint(terms.uploadRate())
                .varint(terms.maxPeers())
                .varint(created.getEpochSecond())
                .u8(state.result().code())
                .varint(checked == null ? 0 : checked.getEpochSecond())
                .varint(state.kept().paths())
                .varint(state.kept().skipped())
                .varint(state.kept().bytes())
                .varint(state.kept().published())
                .string(state.error())
                .finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static Donation decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("donation", KIND, VERSION, bytes);
        String name = reader.string();
        int count = reader.varint(DonationTerms.MAX_ROOTS);
        List<String> roots = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            roots.add(reader.string());
        }
        long maxBytes = reader.varint();
        int skipPrivate = reader.u8();
        long uploadRate = reader.varint();
        int maxPeers = reader.varint(Integer.MAX_VALUE);
        Instant created = instant(reader);
        Result result = result(reader);
        Instant checked = instant(reader);
        Kept kept = new Kept(reader.varint(), reader.varint(), reader.varint(), reader.varint());
        String error = reader.string();
        reader.finish();
        if (skipPrivate > 1) {
            throw reader.corrupt("private paths are treated as " + skipPrivate);
        }
        if (error.length() > DonationState.MAX_ERROR) {
            throw reader.corrupt("an error of " + error.length() + " characters");
        }
        try {
            List<StorePath> paths = roots.stream().map(StorePath::parseBaseName).toList();
            return new Donation(
                    new DonationTerms(name, paths, maxBytes, skipPrivate == 1, uploadRate, maxPeers),
                    created,
                    new DonationState(result, checked.equals(Instant.EPOCH) ? null : checked, kept, error));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    private static Instant instant(RecordReader reader) throws FormatException {
        long seconds = reader.varint();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + seconds);
        }
        return Instant.ofEpochSecond(seconds);
    }

    private static Result result(RecordReader reader) throws FormatException {
        int code = reader.u8();
        for (Result result : Result.values()) {
            if (result.code() == code) {
                return result;
            }
        }
        throw reader.corrupt("a check went " + code);
    }
}
