package dev.narsil.gateway.download;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who has a NAR.
 *
 * @param now those who are known to have it, the best first
 * @param late others, who turn up later; never fails, and comes within a time that has a bound
 */
public record KnownHolders(List<Holder> now, CompletableFuture<List<Holder>> late) {

    public KnownHolders {
        now = List.copyOf(now);
    }

    /** Those and nobody else. */
    public static KnownHolders of(List<Holder> now) {
        return new KnownHolders(now, CompletableFuture.completedFuture(List.of()));
    }

    boolean isEmpty() {
        return now.isEmpty();
    }
}
