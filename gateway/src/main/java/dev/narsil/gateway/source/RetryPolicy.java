package dev.narsil.gateway.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When and how often a request is tried again.
 *
 * @param attempts most times in a row without {@link #PROGRESS_BYTES} of a file arriving, at least 1
 * @param firstDelay before the second attempt; doubled before each later one, and up to half of it is taken off at
 *     random
 * @param maxDelay most there ever is between attempts, whatever {@code Retry-After} says
 * @param timeout most there is between sending a request and its answer, and between two pieces of a body
 */
record RetryPolicy(int attempts, Duration firstDelay, Duration maxDelay, Duration timeout) {

    /** As patient as Nix with its {@code download-attempts} of 5, and a little more. */
    static final RetryPolicy DEFAULT =
            new RetryPolicy(6, Duration.ofMillis(250), Duration.ofSeconds(30), Duration.ofSeconds(60));

    /** A file that gives this many bytes before it breaks off gets all its attempts again. */
    static final long PROGRESS_BYTES = 1 << 20;

    /**
     * Returns how long to wait after a failure.
     *
     * @param failures how many there have been, at least 1
     * @param retryAfter what the server asked for
     */
    Duration delay(int failures, Duration retryAfter, RandomGenerator random) {
        long full = Math.min(maxDelay.toMillis(), firstDelay.toMillis() << Math.min(failures - 1, 20));
        long jittered = full - random.nextLong(full / 2 + 1);
        return Duration.ofMillis(Math.max(jittered, Math.min(maxDelay.toMillis(), retryAfter.toMillis())));
    }
}
