/**
 * CAR files, version 1: blocks with their CIDs, one after the other.
 *
 * <pre>
 *   car      header, section...
 *   header   varint length, then that many bytes of dag-cbor: {"roots": [link, ...], "version": 1}; at least one root
 *   section  varint length of CID and block together, CID, block
 *   varint   of {@link dev.narsil.blockstore.codec}
 * </pre>
 *
 * <p>The file says neither how many sections follow nor where it ends: one that was cut between two sections looks
 * whole, and only who knows what is below the roots can tell. The order of the blocks is up to the writer, and a
 * block may come twice. A block whose CID is of the hash function identity may come or be left out: {@code ipfs dag
 * export} puts it in, a gateway does not, and this writer does not either.
 *
 * <p>The reader compares every block with its CID. It refuses empty sections, which some files are padded with, and
 * CARs of version 2.
 *
 * <p>Source: ipld/specs car version 1.
 */
@NullMarked
package dev.narsil.blockstore.ipfs.car;

import org.jspecify.annotations.NullMarked;
