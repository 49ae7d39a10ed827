package dev.narsil.gateway.ipfs.index;

import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;

/**
 * What an index says of a store path.
 *
 * @param path digest of the path
 * @param narHash hash of its NAR
 * @param cids what it is called in IPFS
 */
public record IndexEntry(Digest path, Sha256 narHash, NarCids cids) {}
