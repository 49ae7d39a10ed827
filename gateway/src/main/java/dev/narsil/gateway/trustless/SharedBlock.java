package dev.narsil.gateway.trustless;

import dev.narsil.rewrite.hash.Sha256;

/** Where the bytes of a block come from that everybody may have. */
public sealed interface SharedBlock {

    /** A block that is in memory: the bytes of an identity CID, or a manifest. */
    @SuppressWarnings("ArrayRecordComponent")
    record Made(byte[] bytes) implements SharedBlock {}

    /** A block that the {@link dev.narsil.blockstore.ipfs.NarBlocks} of a NAR have. */
    record OfNar(Sha256 narHash) implements SharedBlock {}
}
