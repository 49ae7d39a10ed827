package dev.narsil.gateway.pinning;

import java.time.Duration;

/**
 * How much is kept for others, and how patiently it is fetched.
 *
 * @param quota most bytes of blocks for one token
 * @param pinTime most time for fetching what is below one CID
 * @param firstRetry pause before what could not be had is tried again; each later one is {@link #RETRY_FACTOR} times as
 *     long
 * @param daemonRetry pause before a daemon that was not there is tried again
 * @param checks time between looks at whether the daemon still keeps everything
 */
public record PinServiceOptions(
        long quota, Duration pinTime, Duration firstRetry, Duration daemonRetry, Duration checks) {

    /** Requests at a time that are fetched. */
    static final int THREADS = 2;

    /** How often a request is tried before it has failed. */
    static final int MAX_ATTEMPTS = 4;

    /** By how much each pause is longer than the one before. */
    static final int RETRY_FACTOR = 4;

    /** Most requests of all tokens: about 1 KB of memory each, at worst some 20. */
    static final int MAX_REQUESTS = 50_000;

    /** Most requests of one token. */
    static final int MAX_REQUESTS_OF_TOKEN = 20_000;

    /** Checks them. */
    public PinServiceOptions {
        if (quota < 0) {
            throw new IllegalArgumentException("a quota of " + quota);
        }
    }

    /** With this quota for each token, and patience as it is usual. */
    public static PinServiceOptions of(long quota) {
        return new PinServiceOptions(
                quota, Duration.ofHours(6), Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofHours(1));
    }
}
