/**
 * Under which CIDs store paths are in IPFS: indexes of paths that publishers sign, made of the paths a store has
 * published, and followed by other stores.
 *
 * <p>{@link dev.narsil.gateway.ipfs.index.IndexPublisher} makes one; {@link
 * dev.narsil.gateway.ipfs.index.FollowedIndexes} follows those of others, in the background only; {@link
 * dev.narsil.gateway.ipfs.index.IndexedPaths} and {@link dev.narsil.gateway.ipfs.index.IndexedRoots} answer from what is
 * stored of them. An index is a claim of whoever signed it: what is served is compared with the NarHash, and a narinfo made
 * of a manifest counts only with a signature of its own.
 *
 * <h2>Index, version 1</h2>
 *
 * <p>A root and up to 1,024 shards, blocks of {@link dev.narsil.blockstore.ipfs.dagcbor}, CID version 1, dag-cbor,
 * sha2-256. A path is in the shard of the first two characters of its digest; shards without paths are left out. Shards
 * are a function of their entries, so an index that changes little shares most of them with the one before.
 *
 * <pre>
 *   root     map in this order, which is the canonical one; at most 128 KiB, and 1,000,000 paths
 *     v        integer   1
 *     dir      text      the store directory of all paths
 *     seq      integer   from 1; higher in each index of the same publisher
 *     sig      text      name:base64, an Ed25519 signature with the key of a narinfo
 *     time     integer   when it was made, in seconds since 1970-01-01T00:00:00Z
 *     shards   map       the two characters, to an array of
 *                          link      the shard
 *                          integer   how many paths are in it, at least 1
 *
 *   shard    map; at most 1 MiB
 *     v        integer   1
 *     paths    map       the 32 characters of a digest, to an array of
 *                          bytes     32, the NarHash
 *                          bytes     CID of the manifest, binary; dag-cbor, sha2-256
 *                          bytes     CID of the NAR, binary; dag-pb or raw, sha2-256
 * </pre>
 *
 * <p>Signed are the bytes {@code narsil-index-1}, a line feed, and the root with an empty text for {@code sig}. A reader
 * refuses any other entry: what is to be said more is said in another version. CIDs of paths are bytes and not links, so
 * that who pins an index has the index, and not every NAR in it.
 *
 * <p>By HTTP the root is {@code narsil-index/root} below the URL of a cache, and each shard {@code narsil-index/<CID>}.
 * The tag of the root is its CID in quotes. In IPFS the root is what an IPNS name or a DNSLink stands for.
 *
 * <p>Who follows an index remembers the last sequence, and refuses a lower one, and another root with the same.
 *
 * <h2>Formats of the table {@code INDEX}, version 1</h2>
 *
 * <p>Records of {@link dev.narsil.blockstore.codec}, but for blocks:
 *
 * <pre>
 *   key                                         value
 *   'R'                                         own index
 *   'B', SHA-256 of a shard of the own index    the block
 *   'S', u8 number of a subscription            subscription
 *   'H', u8 subscription, 2 the characters      shard that is stored
 *   'P', 32 characters of a digest, u8          what a subscription says of a path
 *   'N', 32 NarHash, u8, 20 digest              what a subscription says of a NAR
 *
 *   own index     kind 'G'
 *     varint      length of the block of the root, then the block
 *     varint      1 if it is pinned by a daemon, else 0
 *
 *   subscription  kind 'F'
 *     string      where the index is: a URL, or /ipns/ and a name
 *     varint      number of keys n
 *     n strings   keys, name:base64
 *     varint      sequence of the index that is stored; 0 for none
 *     varint      length of the CID of its root, then the CID; 0 for none
 *     varint      when it was made, in seconds since 1970-01-01T00:00:00Z
 *     varint      when it was last asked for with success, likewise; 0 for never
 *     string      why it could not be had the last time; empty if it could
 *
 *   shard         kind 'H'
 *     varint      length of its CID, then the CID
 *     varint      number of paths
 *
 *   path          kind 'E'
 *     32          NarHash
 *     varint      length of the CID of the manifest, then the CID
 *     varint      length of the CID of the NAR, then the CID
 *
 *   NAR           kind 'L'
 *     varint      length of the CID of the NAR, then the CID
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Index version 1, formats version 1: first.
 */
@NullMarked
package dev.narsil.gateway.ipfs.index;

import org.jspecify.annotations.NullMarked;
