package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The turn of IPFS after the upstreams: it begins when none of them has a path, or none has said so for a while. */
final class IpfsTurn {

    private static final Logger LOG = LoggerFactory.getLogger(IpfsTurn.class);

    private IpfsTurn() {}

    /**
     * Returns what becomes of a search among upstreams if IPFS is asked too; the first who has the path decides.
     *
     * @param search never fails
     * @param hedge after which IPFS is asked although the search goes on
     */
    static CompletableFuture<Outcome> after(
            CompletableFuture<Outcome> search, PathsInIpfs ipfs, StoreDir storeDir, Digest digest, Duration hedge) {
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        CompletableFuture<Outcome> turn = search.copy()
                .completeOnTimeout(new Outcome.Unknown(), hedge.toNanos(), TimeUnit.NANOSECONDS)
                .thenCompose(sofar -> isFound(sofar)
                        ? CompletableFuture.completedFuture(sofar)
                        : ipfs.find(digest).thenApply(found -> outcome(found, storeDir)))
                .exceptionally(failure -> {
                    LOG.info("{} is said to be in IPFS, but cannot be had: {}", digest, failure.getMessage());
                    return new Outcome.Unknown();
                });
        var _ = turn.thenAccept(found -> {
            if (isFound(found)) {
                result.complete(found);
            }
        });
        var _ = search.thenAcceptBoth(turn, (said, found) -> {
            // an absence counts only where both say so
            boolean unknown = !isFound(said) && found instanceof Outcome.Unknown;
            result.complete(unknown ? found : said);
        });
        var _ = search.thenAccept(said -> {
            if (isFound(said)) {
                result.complete(said);
            }
        });
        return result;
    }

    private static boolean isFound(Outcome outcome) {
        return outcome instanceof Outcome.Found || outcome instanceof Outcome.Stored;
    }

    private static Outcome outcome(Optional<NarInfo> found, StoreDir storeDir) {
        return found.<Outcome>map(narInfo -> new Outcome.Found(new RemotePath(
                        RemotePath.IPFS,
                        narInfo,
                        narInfo.printBytes(storeDir),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS))))
                .orElseGet(Outcome.Absent::new);
    }
}
