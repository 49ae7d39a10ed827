package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Paths whose NARs can be fetched from IPFS. That there is one says that NARs are fetched from there at all. Safe for use
 * by many threads.
 */
public interface PathsInIpfs {

    /**
     * Returns what is said of a path there, with a signature that counts; empty if nobody who is followed says that it is
     * there. Never blocks. The result comes within the time a client waits for a narinfo, and fails if the path is said
     * to be there but what is said of it cannot be had.
     */
    CompletableFuture<Optional<NarInfo>> find(Digest digest);

    /** Returns why what was found once does not count any more, a clause, or null if it does. Reads the store. */
    @Nullable
    String distrust(NarInfo narInfo);
}
