package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * A NAR that was taken in and proven to come back.
 *
 * @param narHash its hash
 * @param narSize its length in bytes
 * @param holes digests that were stripped from it
 * @param opaqueReason why it is not a NAR as Nix writes it, so that it was stored as plain bytes; null for a strict NAR
 */
public record IngestedNar(
        Sha256 narHash, long narSize, long holes, @Nullable String opaqueReason) {}
