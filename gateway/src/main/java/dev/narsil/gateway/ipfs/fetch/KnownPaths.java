package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.Optional;

/** Who knows of paths that are not stored, and believes what is said of them. Safe for use by many threads. */
@FunctionalInterface
public interface KnownPaths {

    /** Returns a path that has a NAR, from what is known here: nobody else is asked. */
    Optional<PathInfo> holding(Sha256 narHash) throws IOException, InterruptedException;
}
