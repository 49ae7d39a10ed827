package dev.narsil.gateway.collect;

import dev.narsil.blockstore.GarbageOptions;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.rewrite.hash.Sha256;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** For how long a NAR may be without a narinfo. */
public final class Unclaimed {

    /** The default: a client uploads a narinfo after its NAR, at the latest by hours. */
    public static final Duration MAX_AGE = Duration.ofHours(24);

    private Unclaimed() {}

    /** Collects what was without a narinfo for {@code age} at the time {@code now}. */
    public static GarbageOptions olderThan(Duration age, Instant now) {
        return new GarbageOptions(now, now.minus(age), Unclaimed::target);
    }

    /** Returns the NAR of an alias; none of one that cannot be read, which is of no use to anybody, and stays. */
    private static @Nullable Sha256 target(byte[] key, byte[] value) {
        try {
            return Alias.decode(value).narHash();
        } catch (FormatException e) {
            return null;
        }
    }
}
