package dev.narsil.gateway.donate;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a donation does.
 *
 * @param result how its last check went
 * @param checked when that was, in whole seconds; null if there was none
 * @param kept what the daemon keeps for it
 * @param error what was wrong; empty for nothing
 */
public record DonationState(Result result, @Nullable Instant checked, Kept kept, String error) {

    /** Longest error; the rest of a longer one is cut off. */
    static final int MAX_ERROR = 1000;

    /** That of a donation that was never checked. */
    static final DonationState NEVER = new DonationState(Result.NEVER, null, Kept.NOTHING, "");

    /** How a check went. */
    public enum Result {
        /** There was none. */
        NEVER(0),
        /** The daemon keeps all of it. */
        KEPT(1),
        /** The store lacks some paths, and they cannot be had; what is published stays. */
        INCOMPLETE(2),
        /** It is refused, as some paths are not public. */
        PRIVATE(3),
        /** It is refused, as its closures have more bytes than it may. */
        TOO_LARGE(4),
        /** It is refused, as it and the older ones have more bytes than all may. */
        OVER_TOTAL(5),
        /** The daemon or the store failed; what is published stays. */
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
     * What is kept.
     *
     * @param paths number of paths
     * @param skipped paths of the closures that are left out, as they are not public
     * @param bytes bytes of NAR of the paths
     * @param published number of paths that the last check had to publish
     */
    public record Kept(long paths, long skipped, long bytes, long published) {

        /** Nothing. */
        public static final Kept NOTHING = new Kept(0, 0, 0, 0);
    }

    /** Cuts an error that is too long. */
    public DonationState {
        if (error.length() > MAX_ERROR) {
            error = error.substring(0, MAX_ERROR);
        }
    }
}
