package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.util.concurrent.Future;

/** Where the blocks of one file come from. Safe for use by many threads. */
interface BlockOrigin {

    /**
     * Begins to get a block, whose bytes are those of its CID. That fails with an {@link IOException} if it cannot be
     * had, after a time that has a bound; cancelling it gives it up.
     *
     * @throws IOException if none can be had any more
     */
    Future<byte[]> get(Cid cid) throws IOException;
}
