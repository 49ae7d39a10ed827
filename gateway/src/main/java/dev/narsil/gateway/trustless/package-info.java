/**
 * What everybody may have by content: which stored NARs are shared, and the blocks of IPFS they are made of.
 *
 * <p>{@link dev.narsil.gateway.trustless.SharedPaths} is the way in. A path is shared if one of the public keys that a
 * setting names has signed it. Nothing of other paths is given out, also not to somebody who knows the hash of it.
 *
 * <p>Blocks are computed from the stored NAR when they are asked for: those that are not cut, straight from the store.
 * Which blocks a NAR has is kept in memory for as many NARs as fit, those asked for last; it is found out again when
 * the root or the manifest of a NAR is asked for, which is where every client begins.
 *
 * <h2>Formats, version 1</h2>
 *
 * <p>What a CID stands for is remembered in the table {@code SHARED}, as records of {@link
 * dev.narsil.blockstore.codec}, three for each shared path:
 *
 * <pre>
 *   key                                         value
 *   NarHash, 32 bytes                           shared path, what = 0
 *   SHA-256 in the CID of the root, 32 bytes    shared path, what = 1
 *   SHA-256 in the CID of the manifest, 32      shared path, what = 2
 *
 *   shared path  kind 'S'
 *     u8         what the key is of: 0 the NAR, 1 the root, 2 the manifest
 *     20         digest of the path
 *     32         NarHash
 *     32         SHA-256 in the CID of the root
 * </pre>
 *
 * <p>Roots and manifests are those of {@link dev.narsil.blockstore.ipfs}. A record permits nothing: the path is looked
 * up and its signatures are verified whenever it is used, so one that a path has outlived does no harm. Of paths with
 * the same NAR, the record of NAR and root names one.
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.trustless;

import org.jspecify.annotations.NullMarked;
