/**
 * NARs in IPFS: which blocks a stored NAR is made of there, and the small block that names it.
 *
 * <p>{@link dev.narsil.blockstore.ipfs.NarDag} lays a NAR out, {@link dev.narsil.blockstore.ipfs.Manifest} names it.
 * The packages below this one are the encodings.
 *
 * <h2>A NAR as a UnixFS file, version {@code nar-dag-1}</h2>
 *
 * <p>The file <i>is</i> the NAR: whoever reads the root with any program for IPFS gets its bytes. What it is made of
 * is a function of the NAR, the store directory and the chunker's parameters, so two stores for which those are equal
 * make the same root of the same NAR, whatever way it came and whatever else they hold.
 *
 * <p><b>Leaves.</b> Let the blocks and holes of the NAR be those of its recipe, as {@link dev.narsil.blockstore} and
 * {@link dev.narsil.rewrite.strip} specify them. Each block gives leaves by itself, in order:
 *
 * <ol>
 *   <li>A block that no hole overlaps is one leaf: raw, its hash is the block's id.
 *   <li>In a block that holes overlap, consider the stretches before, between and behind them. A hole that crosses an
 *       edge of the block counts with the part that is inside. A stretch of more than 128 bytes is one leaf: raw. It
 *       holds no digest, so it is the same in all rebuilds.
 *   <li>What is left are <i>places</i>: holes, and stretches of at most 128 bytes beside them, as far as they touch.
 *       Their bytes are those of the NAR, with its digests. A place of at most 4096 bytes becomes leaves that are
 *       identity CIDs of 128 bytes each, the last of what is left. A longer one is one leaf: raw, and of this NAR
 *       alone.
 * </ol>
 *
 * <pre>
 *   raw leaf        CID version 1, raw, sha2-256 of the bytes
 *   identity leaf   CID version 1, raw, identity, the bytes; there is no block
 * </pre>
 *
 * <p><b>Nodes</b> are those of {@link dev.narsil.blockstore.ipfs.unixfs}. A <i>tree</i> of a sequence is made like
 * this: its members, in order, are the children of nodes of 1024 each, the last of what is left; while there are
 * several nodes, they are in the same way the children of nodes above them. There is at least one node, but a
 * sequence whose only member is a tree is that tree.
 *
 * <ol>
 *   <li>A <i>run</i> is a longest sequence of leaves without digests, those of rules 1 and 2. One of at least 4
 *       leaves is replaced by its tree.
 *   <li>The tree of what there is then, in order, is the NAR; its last node is the root.
 * </ol>
 *
 * <pre>
 *   node      a UnixFS file without contents of its own; CID version 1, dag-pb, sha2-256
 *   link      CID, no name, Tsize
 *   Tsize     of a leaf of either kind its length; of a node its own bytes and the Tsizes of its links
 * </pre>
 *
 * <p>No block of a store is longer than a pack, which has less than 1 MiB, and no node than some 150 KiB. Other nodes
 * of the network take up to 2 MiB.
 *
 * <p>So a rebuild that changes digests only has the same raw leaves, but for places of more than 4096 bytes, and the
 * same nodes of runs. What it adds is the root, and nodes right below it where there are more than 1024 places, runs
 * and leaves between them. The figures behind the bounds are in {@code docs/decisions.md}.
 *
 * <h2>Manifest, version 1</h2>
 *
 * <p>One block of {@link dev.narsil.blockstore.ipfs.dagcbor}, CID version 1, dag-cbor, sha2-256; at most 1 MiB. It is
 * what is pinned. A map with these entries, in this order, which is the canonical one:
 *
 * <pre>
 *   v         integer         1
 *   ca        text            content address; only if there is one
 *   nar       link            root of the UnixFS file that is the NAR
 *   path      text            the store path with its store directory
 *   refs      array of texts  references, each digest-name, in the narinfo's order
 *   sigs      array of texts  signatures as in a narinfo, in its order
 *   deriver   text            as in a narinfo; only if there is one
 *   narHash   bytes           32, the SHA-256 of the NAR
 *   narSize   integer         length of the NAR in bytes
 * </pre>
 *
 * <p>A reader refuses other entries: what is to be said more is said in another version. {@code System} and lines a
 * narinfo may have beside these are covered by no signature and left out.
 *
 * <h2>History</h2>
 *
 * <p>{@code nar-dag-1}, manifest version 1: first.
 */
@NullMarked
package dev.narsil.blockstore.ipfs;

import org.jspecify.annotations.NullMarked;
