package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a garbage collection takes away.
 *
 * @param now noted for NARs that turn out to be without a path and were not known to be
 * @param unclaimedBefore NARs without a path go if they have been so since before this time
 * @param aliases tells which NAR an alias stands for; aliases go with their NAR
 */
public record GarbageOptions(Instant now, Instant unclaimedBefore, AliasTarget aliases) {

    /** Reads what those who write {@link BlockStore.Table#ALIAS} have written. */
    public interface AliasTarget {
        /** Returns the NAR that an alias stands for, or null if it stands for something else. */
        @Nullable
        Sha256 narHash(byte[] key, byte[] value) throws IOException;
    }
}
