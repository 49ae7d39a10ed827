package dev.narsil.gateway.subscribe;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a subscription does.
 *
 * @param result how its last run went
 * @param began when that began, in whole seconds; null if there was none
 * @param ended when that ended, in whole seconds; null if it has not
 * @param next when the next one is due, in whole seconds
 * @param failures runs in a row that were neither complete nor stopped
 * @param found what the run found, and what it brought
 * @param validator what tells the state of the list the run took, as its server names it; empty for nothing
 * @param error what was wrong; empty for nothing
 */
public record SubscriptionState(
        Result result,
        @Nullable Instant began,
        @Nullable Instant ended,
        Instant next,
        int failures,
        Found found,
        String validator,
        String error) {

    /** Longest validator; a longer one is not remembered. */
    static final int MAX_VALIDATOR = 256;

    /** Longest error; the rest of a longer one is cut off. */
    static final int MAX_ERROR = 1000;

    /** How a run went. */
    public enum Result {
        /** There was none. */
        NEVER(0),
        /** It has not ended, or the process was killed. */
        RUNNING(1),
        /** The store has all paths. */
        COMPLETE(2),
        /** Some paths cannot be had now. */
        INCOMPLETE(3),
        /** It was stopped, as its time of the day was over or the server closed. */
        STOPPED(4),
        /** The closures have more bytes than allowed; nothing was brought. */
        TOO_LARGE(5),
        /** It is not known what paths there are, or the store failed. */
        FAILED(6);

        private final int code;

        Result(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        /** As {@code too-large}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What a run found.
     *
     * @param paths number of paths of the closures
     * @param missing those that could not be had
     * @param bytes bytes of NAR of all paths that are known
     * @param broughtPaths number of paths that were brought
     * @param broughtBytes bytes of their NARs
     */
    public record Found(long paths, long missing, long bytes, long broughtPaths, long broughtBytes) {

        /** Of a run that found nothing. */
        public static final Found NOTHING = new Found(0, 0, 0, 0, 0);
    }

    /** Checks and cuts; throws IllegalArgumentException with the reason if a part is out of its bounds. */
    public SubscriptionState {
        if (validator.length() > MAX_VALIDATOR) {
            throw new IllegalArgumentException("a validator of " + validator.length() + " characters");
        }
        if (error.length() > MAX_ERROR) {
            error = error.substring(0, MAX_ERROR);
        }
        if (failures < 0) {
            throw new IllegalArgumentException("failures=" + failures);
        }
    }

    /** That of a subscription that has never run and is due at once. */
    static SubscriptionState due(Instant now) {
        return new SubscriptionState(Result.NEVER, null, null, now, 0, Found.NOTHING, "", "");
    }

    /** This when a run begins: what the last one found stays known. */
    SubscriptionState begun(Instant now) {
        return new SubscriptionState(Result.RUNNING, now, null, next, failures, found, validator, "");
    }
}
