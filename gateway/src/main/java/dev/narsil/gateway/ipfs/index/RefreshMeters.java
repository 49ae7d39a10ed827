package dev.narsil.gateway.ipfs.index;

import dev.narsil.gateway.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How asking for followed indexes in the background went since the process started, and how old what is stored of them is.
 * An index is called by its number, of which there are {@link FollowedIndexes#MAX_SUBSCRIPTIONS}. Safe for use by many
 * threads.
 */
public final class RefreshMeters {

    private static final Logger LOG = LoggerFactory.getLogger(RefreshMeters.class);

    private final FollowedIndexes followed;
    private final InstantSource clock;
    private final Metrics metrics;
    private final Map<Integer, Counts> counts = new ConcurrentHashMap<>();

    private record Counts(LongAdder done, LongAdder failed) {}

    /**
     * How often an index was asked for.
     *
     * @param done with success, whether it had changed or not
     * @param failed without
     */
    public record Tally(long done, long failed) {}

    /** Those of the indexes that a store follows; each is registered when it is first seen. */
    public RefreshMeters(FollowedIndexes followed, InstantSource clock, Metrics metrics) {
        this.followed = followed;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Returns how often the index of a number was asked for. */
    public Tally tally(int number) {
        Counts known = counts.get(number);
        return known == null ? new Tally(0, 0) : new Tally(known.done.sum(), known.failed.sum());
    }

    /** Hears of an index that is followed. */
    void follows(int number) {
        var _ = counts(number);
    }

    /** Hears that an index was asked for. */
    void asked(int number, boolean had) {
        Counts known = counts(number);
        (had ? known.done : known.failed).increment();
    }

    private Counts counts(int number) {
        return counts.computeIfAbsent(number, this::register);
    }

    private Counts register(int number) {
        Counts fresh = new Counts(new LongAdder(), new LongAdder());
        String index = Integer.toString(number);
        String help = "Times a followed index was asked for in the background";
        metrics.counter("narsil.ipfs.index.refreshes", help, fresh.done::sum, "index", index, "result", "done");
        metrics.counter("narsil.ipfs.index.refreshes", help, fresh.failed::sum, "index", index, "result", "failed");
        metrics.gauge(
                "narsil.ipfs.index.age.seconds",
                "Time since the index that is stored was made",
                () -> since(number, FollowedIndex::made),
                "index",
                index);
        metrics.gauge(
                "narsil.ipfs.index.unasked.seconds",
                "Time since the source of an index last told which one is the newest",
                () -> since(number, FollowedIndex::asked),
                "index",
                index);
        return fresh;
    }

    /** Returns seconds; NaN if there was no such time, or the index is followed no longer. */
    private double since(int number, Function<FollowedIndex, Instant> time) {
        try {
            FollowedIndex index = followed.byNumber().get(number);
            Instant then = index == null ? Instant.EPOCH : time.apply(index);
            return then.equals(Instant.EPOCH)
                    ? Double.NaN
                    : Duration.between(then, clock.instant()).toSeconds();
        } catch (IOException e) {
            LOG.debug("how old the index {} is cannot be told", number, e);
            return Double.NaN;
        }
    }
}
