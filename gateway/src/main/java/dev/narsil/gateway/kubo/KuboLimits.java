package dev.narsil.gateway.kubo;

import java.time.Duration;

/**
 * What calls of a daemon may take.
 *
 * @param connect until a connection is there
 * @param call a usual call; the daemon is told
 * @param block getting one block, also over the network; the daemon is told
 * @param margin how much later than the daemon was told a call is given up
 * @param pinStall longest time in which pinning makes no progress
 * @param pinAttempts how often in a row pinning may stop and not get further when it is repeated
 */
public record KuboLimits(
        Duration connect, Duration call, Duration block, Duration margin, Duration pinStall, int pinAttempts) {

    /** Stalls of Bitswap were seen to be over when the call was repeated, so waiting for long is of no use. */
    public static final KuboLimits DEFAULT = new KuboLimits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            4);

    /** Checks them. */
    public KuboLimits {
        for (Duration time : new Duration[] {connect, call, block, margin, pinStall}) {
            if (time.toMillis() < 1) {
                throw new IllegalArgumentException("a limit of " + time);
            }
        }
        if (pinAttempts < 1) {
            throw new IllegalArgumentException("pinAttempts=" + pinAttempts);
        }
    }
}
