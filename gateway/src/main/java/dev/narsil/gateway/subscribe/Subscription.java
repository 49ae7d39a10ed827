package dev.narsil.gateway.subscribe;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.sharing.NamedRecords;
import dev.narsil.gateway.subscribe.SubscriptionState.Found;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * A subscription. Its stored form is specified in {@link dev.narsil.gateway.subscribe}.
 *
 * @param terms what its user said of it
 * @param created when it was made, in whole seconds
 * @param state how it does
 */
public record Subscription(SubscriptionTerms terms, Instant created, SubscriptionState state) {

    static final char KIND = 'Q';
    static final int VERSION = 1;

    /** How subscriptions are stored. */
    static final NamedRecords.Form<Subscription> FORM = new NamedRecords.Form<>() {
        @Override
        public Table table() {
            return Table.SUBSCRIPTION;
        }

        @Override
        public char kind() {
            return KIND;
        }

        @Override
        public String noun() {
            return "subscription";
        }

        @Override
        public String name(Subscription value) {
            return value.name();
        }

        @Override
        public byte[] encode(Subscription value) {
            return value.encode();
        }

        @Override
        public Subscription decode(byte[] bytes) throws FormatException {
            return Subscription.decode(bytes);
        }
    };

    /** What its user calls it. */
    public String name() {
        return terms.name();
    }

    /** Returns this in another state. */
    Subscription withState(SubscriptionState newState) {
        return new Subscription(terms, created, newState);
    }

    /** Tells whether its time of the day is now. */
    boolean mayRun(Instant now, ZoneId zone) {
        DailyWindow between = terms.between();
        return between == null || between.contains(now.atZone(zone).toLocalTime());
    }

    /** Tells whether it should run now. One whose last run never ended should. */
    boolean isDue(Instant now, ZoneId zone) {
        return (state.result() == Result.RUNNING || !now.isBefore(state.next())) && mayRun(now, zone);
    }

    /** Returns the stored form. */
    byte[] encode() {
        DailyWindow between = terms.between();
        RecordWriter record = new RecordWriter(KIND, VERSION)
                .string(terms.name())
                .string(terms.source().text())
                .varint(terms.every().toSeconds())
                .varint(between == null ? 0 : between.from() + 1);
        if (between != null) {
            record.varint(between.until());
        }
        Found found = state.found();
        return record.varint(terms.maxBytes())
                .varint(created.getEpochSecond())
                .u8(state.result().code())
                .varint(seconds(state.began()))
                .varint(seconds(state.ended()))
                .varint(state.next().getEpochSecond())
                .varint(state.failures())
                .varint(found.paths())
                .varint(found.missing())
                .varint(found.bytes())
                .varint(found.broughtPaths())
                .varint(found.broughtBytes())
                .string(state.validator())
                .string(state.error())
                .finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static Subscription decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("subscription", KIND, VERSION, bytes);
        String name = reader.string();
        String source = reader.string();
        int every = reader.varint(Math.toIntExact(SubscriptionTerms.MAX_EVERY.toSeconds()));
        int from = reader.varint(DailyWindow.MINUTES);
        int until = from == 0 ? 0 : reader.varint(DailyWindow.MINUTES);
        long maxBytes = reader.varint();
        Instant created = instant(reader);
        Result result = result(reader);
        Instant began = orNull(instant(reader));
        Instant ended = orNull(instant(reader));
        Instant next = instant(reader);
        int failures = reader.varint(Integer.MAX_VALUE);
        Found found = new Found(reader.varint(), reader.varint(), reader.varint(), reader.varint(), reader.varint());
        String validator = reader.string();
        String error = reader.string();
        reader.finish();
        if (error.length() > SubscriptionState.MAX_ERROR) {
            throw reader.corrupt("an error of " + error.length() + " characters");
        }
        try {
            return new Subscription(
                    new SubscriptionTerms(
                            name,
                            SubscriptionSource.of(source),
                            Duration.ofSeconds(every),
                            from == 0 ? null : new DailyWindow(from - 1, until),
                            maxBytes),
                    created,
                    new SubscriptionState(result, began, ended, next, failures, found, validator, error));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    private static long seconds(@Nullable Instant time) {
        return time == null ? 0 : time.getEpochSecond();
    }

    private static Instant instant(RecordReader reader) throws FormatException {
        long seconds = reader.varint();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + seconds);
        }
        return Instant.ofEpochSecond(seconds);
    }

    private static @Nullable Instant orNull(Instant time) {
        return time.equals(Instant.EPOCH) ? null : time;
    }

    private static Result result(RecordReader reader) throws FormatException {
        int code = reader.u8();
        for (Result result : Result.values()) {
            if (result.code() == code) {
                return result;
            }
        }
        throw reader.corrupt("a run went " + code);
    }
}
