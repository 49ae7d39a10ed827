/**
 * Nodes of dag-pb, and the UnixFS files made of them.
 *
 * <h2>dag-pb</h2>
 *
 * <p>Protocol buffers with fields in one order, each at most once but where it says many, varints in their shortest
 * form and below 2^63, and nothing else:
 *
 * <pre>
 *   node   0x12 varint length, link      many
 *          0x0a varint length, data      or none
 *   link   0x0a varint length, CID
 *          0x12 varint length, name      or none; UTF-8
 *          0x18 varint Tsize             bytes of the block the link is to, and of all below it, each time they are
 *                                        linked
 * </pre>
 *
 * <p>IPLD's specification allows a link without Tsize, and data before links when reading. Nothing in use writes
 * either, and neither is read here.
 *
 * <h2>UnixFS file</h2>
 *
 * <p>A file is a raw block, or a dag-pb node whose data is
 *
 * <pre>
 *   0x08 2                              type: file
 *   0x12 varint length, contents        or none; they come before those of the links
 *   0x18 varint size of the file in bytes
 *   0x20 varint bytes of the child      one for each link, in their order
 * </pre>
 *
 * <p>and whose links, in order, are to the files it is made of. The size of the file is the sum of the contents and
 * of all children. The writer gives links no name; Kubo writes an empty one, and the reader takes that for none. Any
 * other name is refused, as are the mode and the time that UnixFS 1.5 allows, hash tables and directories.
 *
 * <p>Sources: ipld/specs dag-pb, ipfs/specs unixfs.
 */
@NullMarked
package dev.narsil.blockstore.ipfs.unixfs;

import org.jspecify.annotations.NullMarked;
