package dev.narsil.gateway.ipfs.fetch;

import java.time.Duration;

/**
 * How long a daemon is waited for.
 *
 * @param probe until it says whether it stores a root itself
 * @param lead how long others have before it is asked for what it would have to fetch, at most
 * @param firstBlock until the first bytes, where others have the NAR too
 * @param firstBlockAlone until the first bytes, where nobody else has it
 * @param block until any further bytes
 * @param miss how long it is remembered that nothing came
 * @param rest how long a daemon that gave no answer is not asked what it stores
 */
record FetchLimits(
        Duration probe,
        Duration lead,
        Duration firstBlock,
        Duration firstBlockAlone,
        Duration block,
        Duration miss,
        Duration rest) {

    static final FetchLimits DEFAULT = new FetchLimits(
            Duration.ofMillis(100),
            Duration.ofMillis(150),
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMinutes(5),
            Duration.ofSeconds(30));
}
