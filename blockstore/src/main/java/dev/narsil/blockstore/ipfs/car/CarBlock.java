package dev.narsil.blockstore.ipfs.car;

import dev.narsil.blockstore.ipfs.cid.Cid;

/**
 * A block with its CID.
 *
 * @param cid its CID
 * @param bytes its bytes; shared, not to be written to
 */
@SuppressWarnings("ArrayRecordComponent")
public record CarBlock(Cid cid, byte[] bytes) {}
