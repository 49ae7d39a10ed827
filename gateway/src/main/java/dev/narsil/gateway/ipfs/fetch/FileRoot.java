package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.util.Optional;

/**
 * The root of a UnixFS file.
 *
 * @param cid its CID
 * @param block its block if it is here already: shared, not to be written to
 */
record FileRoot(Cid cid, Optional<byte[]> block) {}
