package dev.narsil.gateway.subscribe;

import dev.narsil.gateway.sharing.NamedRecords;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a user says of a subscription.
 *
 * @param name what it is called
 * @param source what it is of
 * @param every time between two runs, in whole seconds
 * @param between when it may run; null for at any time
 * @param maxBytes most bytes of NAR of its closures
 */
public record SubscriptionTerms(
        String name,
        SubscriptionSource source,
        Duration every,
        @Nullable DailyWindow between,
        long maxBytes) {

    /** Shortest time between runs. */
    public static final Duration MIN_EVERY = Duration.ofMinutes(1);

    /** Longest time between runs. */
    public static final Duration MAX_EVERY = Duration.ofDays(366);

    /** Checks; throws IllegalArgumentException with the reason if a part is out of its bounds. */
    public SubscriptionTerms {
        NamedRecords.checkName(name);
        if (every.compareTo(MIN_EVERY) < 0 || every.compareTo(MAX_EVERY) > 0 || every.toNanosPart() != 0) {
            throw new IllegalArgumentException("the time between runs is a minute to a year, in whole seconds");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("a subscription of no bytes");
        }
    }
}
