/**
 * Content identifiers (CIDs): which codec a block is in, and the hash of its bytes.
 *
 * <p>Of what the multiformats allow, this much is known:
 *
 * <pre>
 *   CID        version 1:  varint 1, varint codec, multihash
 *              version 0:  multihash of sha2-256; the codec is dag-pb
 *   codec      0x55 raw, 0x70 dag-pb, 0x71 dag-cbor
 *   multihash  varint hash function, varint length of the digest, digest
 *                0x12 sha2-256   32 bytes
 *                0x00 identity   at most 128 bytes, which are the block itself
 *   varint     of {@link dev.narsil.blockstore.codec}
 *
 *   text       version 1:  'b', then base32 of the bytes: {@code a-z2-7}, most significant bits first, no padding, the
 *                          bits left over zero
 *              version 0:  base58 of the bytes: 46 characters that begin with "Qm"
 * </pre>
 *
 * <p>Sources: multiformats/cid, multiformats/multihash, multiformats/multibase, RFC 4648 section 6; the bound on
 * identity digests is IPIP-512, and Kubo refuses longer ones.
 */
@NullMarked
package dev.narsil.blockstore.ipfs.cid;

import org.jspecify.annotations.NullMarked;
