/**
 * Publishing: paths of the store as blocks of a Kubo daemon, by which any node of IPFS can have them.
 *
 * <p>{@link dev.narsil.gateway.ipfs.IpfsPublisher} is the way in. What is published of a path is its NAR and its
 * manifest, as {@link dev.narsil.blockstore.ipfs} specifies them; the manifest is pinned, so that the daemon keeps
 * both. Only paths that a trusted key has signed are published, unless its user insists.
 *
 * <p>Blocks that the daemon stores already are not sent: it is asked for some of the leaves of a NAR, and for all when
 * it has one of those. A daemon may lose blocks that it had when it was asked, and the record of a published path says
 * nothing of what became of its blocks. So a path counts as published only once the daemon says that its manifest is
 * pinned; where blocks are missing and cannot be pinned, all are sent.
 *
 * <h2>Formats, version 1</h2>
 *
 * <p>What was published is remembered in the table {@code PUBLISHED}, as records of {@link
 * dev.narsil.blockstore.codec}, so that it can be shown and taken back:
 *
 * <pre>
 *   key               value
 *   digest, 20 bytes  published path
 *
 *   published path    kind 'I'
 *     varint          when it was published, in seconds since 1970-01-01T00:00:00Z
 *     varint          length of the CID of the manifest, then the CID in its binary form
 *     varint          length of the CID of the NAR, then the CID in its binary form
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.ipfs;

import org.jspecify.annotations.NullMarked;
