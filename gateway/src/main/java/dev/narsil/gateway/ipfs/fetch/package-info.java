/**
 * Fetching: NARs that the store lacks, as blocks from a Kubo daemon, beside upstreams.
 *
 * <p>{@link dev.narsil.gateway.ipfs.fetch.IpfsFetch} is the way in: it puts the daemon among the holders of a NAR whose
 * root is known, so that it takes part in the race of {@link dev.narsil.gateway.download}, continues what breaks off
 * elsewhere, and is replaced where it hangs. A NAR is read from any offset, as {@link
 * dev.narsil.gateway.ipfs.fetch.FileStream} goes down the UnixFS file without the parts before it.
 *
 * <p>No more is believed than a block proves: each has the bytes of its CID, sizes that a node states are those of what
 * is below it, the root has the NarSize, and the NarHash is compared at the end, as that of every download. Blocks that
 * the store has are not asked for.
 *
 * <p>Nothing is pinned. What the daemon fetched for this stays in its repository until it collects garbage.
 */
@NullMarked
package dev.narsil.gateway.ipfs.fetch;

import org.jspecify.annotations.NullMarked;
