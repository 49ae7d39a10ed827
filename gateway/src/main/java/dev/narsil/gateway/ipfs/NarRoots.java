package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.Optional;

/** Who knows under which CID a NAR is in IPFS. Safe for use by many threads. */
@FunctionalInterface
public interface NarRoots {

    /** Returns the root of the UnixFS file that is said to be this NAR, from what is known here: nobody else is asked. */
    Optional<Cid> root(Sha256 narHash) throws IOException;
}
