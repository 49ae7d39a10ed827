package dev.narsil.gateway.upstream;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who has a NAR.
 *
 * @param now those who are known to have it, best first
 * @param late those who said so only after they were asked for; comes when all have answered or used up their time, and never
 *     fails
 */
public record NarHolders(List<RemoteNar> now, CompletableFuture<List<RemoteNar>> late) {

    public NarHolders {
        now = List.copyOf(now);
    }

    static NarHolders of(List<RemoteNar> now) {
        return new NarHolders(now, CompletableFuture.completedFuture(List.of()));
    }
}
