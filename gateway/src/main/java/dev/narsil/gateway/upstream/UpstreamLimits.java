package dev.narsil.gateway.upstream;

import java.time.Duration;

/**
 * How long upstreams may take and how much they are asked.
 *
 * @param probeBudget most a client waits for a narinfo, all upstreams together, and most one of them has for it
 * @param maxHedge most before the next upstream is asked as well
 * @param minHedge least before the next upstream is asked as well
 * @param positiveTtl how long a narinfo counts before its upstream is asked again
 * @param negativeTtl how long a path counts as absent that all upstreams said they do not have
 * @param connectTimeout until a connection to an upstream is there
 * @param firstByteTimeout between asking for a NAR file and the head of the answer
 * @param stallTimeout most without a byte of a NAR file, and the time over which the slowest rate is measured
 * @param searches most narinfos that are searched for at a time, for clients and ahead of them
 * @param searchesAhead most of these that no client has asked for
 */
public record UpstreamLimits(
        Duration probeBudget,
        Duration maxHedge,
        Duration minHedge,
        Duration positiveTtl,
        Duration negativeTtl,
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration stallTimeout,
        int searches,
        int searchesAhead) {

    /** Longest a path may count as absent: the client adds an hour of its own. */
    static final Duration MAX_NEGATIVE_TTL = Duration.ofHours(1);

    /** What suits an upstream on the Internet. */
    public static final UpstreamLimits DEFAULT = new UpstreamLimits(
            Duration.ofSeconds(2),
            Duration.ofMillis(300),
            Duration.ofMillis(20),
            Duration.ofHours(24),
            Duration.ofMinutes(30),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            256,
            192);

    /** Least bytes a second of a NAR file, over the stall time-out. */
    static final long MIN_BYTES_PER_SECOND = 1024;

    /** Most narinfo searches of clients that wait for their turn. */
    static final int MAX_WAITING = 4096;

    /** Most narinfos that wait to be fetched ahead; what is beyond is not fetched ahead. */
    static final int MAX_WAITING_AHEAD = 8192;

    public UpstreamLimits {
        if (negativeTtl.compareTo(MAX_NEGATIVE_TTL) > 0) {
            throw new IllegalArgumentException("absence is remembered for at most an hour, not " + negativeTtl);
        }
        if (searchesAhead < 0 || searches <= searchesAhead) {
            throw new IllegalArgumentException("some searches are kept for clients: " + searches + ", of which "
                    + searchesAhead + " are ahead of them");
        }
    }

    /** Returns these with other times for a narinfo. */
    public UpstreamLimits withProbe(Duration budget, Duration hedge) {
        return new UpstreamLimits(
                budget,
                hedge,
                minHedge.compareTo(hedge) < 0 ? minHedge : hedge,
                positiveTtl,
                negativeTtl,
                connectTimeout,
                firstByteTimeout,
                stallTimeout,
                searches,
                searchesAhead);
    }

    /** Returns these with other times for what is remembered. */
    public UpstreamLimits withTtl(Duration positive, Duration negative) {
        return new UpstreamLimits(
                probeBudget,
                maxHedge,
                minHedge,
                positive,
                negative,
                connectTimeout,
                firstByteTimeout,
                stallTimeout,
                searches,
                searchesAhead);
    }

    /** Returns these with other times for the file of a NAR. */
    public UpstreamLimits withTransfer(Duration connect, Duration firstByte, Duration stall) {
        return new UpstreamLimits(
                probeBudget,
                maxHedge,
                minHedge,
                positiveTtl,
                negativeTtl,
                connect,
                firstByte,
                stall,
                searches,
                searchesAhead);
    }

    /** Returns these with another number of searches at a time; 0 ahead fetches nothing ahead. */
    public UpstreamLimits withSearches(int all, int ahead) {
        return new UpstreamLimits(
                probeBudget,
                maxHedge,
                minHedge,
                positiveTtl,
                negativeTtl,
                connectTimeout,
                firstByteTimeout,
                stallTimeout,
                all,
                ahead);
    }
}
