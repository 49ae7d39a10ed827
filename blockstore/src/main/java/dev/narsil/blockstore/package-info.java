/**
 * Blocks, packs, recipes and path infos: what a store holds, how NARs get in and come out.
 *
 * <p>{@link dev.narsil.blockstore.NarStore} is the way in. A {@link dev.narsil.blockstore.NarIngest} strips a NAR of its
 * store-path digests, cuts it into blocks, keeps those that are new, and proves that what is kept restores to the NarHash. A
 * {@link dev.narsil.blockstore.NarReader} does the reverse and hashes again. A {@link dev.narsil.blockstore.BlockStore} keeps the
 * records.
 *
 * <h2>Cutting</h2>
 *
 * <p>Blocks are cut from the stripped NAR by {@link dev.narsil.chunker}. The contents of regular files of at least 16 KiB
 * ({@link dev.narsil.blockstore.StoreOptions#FILE_CUT_BYTES}) begin and end a block; the framing and the small files between them
 * are one stream. From the first byte on that is not a NAR as {@link dev.narsil.rewrite.nar} defines it, no more file is known and
 * the rest is one stream; such a NAR is called opaque.
 *
 * <h2>Tables</h2>
 *
 * <pre>
 *   table   key                            value
 *   BLOCK   SHA-256 of the block           location
 *   PACK    number, 8 bytes big endian     pack, see {@link dev.narsil.blockstore.pack}
 *   RECIPE  SHA-256 of the value           recipe
 *   NAR     NarHash                        nar entry
 *   PATH    digest, 20 bytes               path info
 *
 *   UNCLAIMED  NarHash                     unclaimed NAR
 *   ALIAS, OBJECT, TOKEN, REMOTE, PUBLISHED, SHARED, INDEX, SUBSCRIPTION, DONATION, PIN_REQUEST, REPLICA
 *                                          of those who serve the store, who specify them
 * </pre>
 *
 * <p>Values are never changed, with these exceptions: a path info may be replaced, a location may move to another pack that
 * holds the same block, and the tables below the line are changed at will. Everything a value refers to is durable before the
 * value is visible, and deleted only after the value is gone for good. Deleted are NARs that no path has had for long, and
 * recipes, blocks and packs that nothing refers to; see {@link dev.narsil.blockstore.NarStore#collectGarbage}. The number of a deleted
 * pack is not used again. A pack stays whole while one of its blocks does.
 *
 * <h2>Formats, version 1</h2>
 *
 * <p>A location is as short as can be, as there is one for every block: it has no magic and no checksum of its own (the engine
 * checks its pages), and what it points at proves itself by its hash.
 *
 * <pre>
 *   location   1 to 8 bytes  number of the pack, big endian, no leading zero byte but for number 0
 *              4             offset in the raw bytes of the pack, big endian
 *              4             length of the block, big endian
 * </pre>
 *
 * <p>The others are records of {@link dev.narsil.blockstore.codec}:
 *
 * <pre>
 *   recipe     kind 'R'
 *     u8       flags: 1 = opaque
 *     varint   NarSize, the sum of the block lengths
 *     varint   number of blocks n
 *     32 n     block ids, in order
 *     n varint block lengths, at least 1
 *     varint   number of slots
 *     varint   number of holes h
 *     h varint gap from the end of the hole before (or 0) to this hole; a hole is 32 bytes long
 *     h varint slot of the hole; a slot's number is at most one above all before it
 *
 *   nar entry  kind 'N'
 *     32       recipe id
 *     varint   NarSize
 *     varint   number of slots s, as in the recipe
 *     20 s     the digest of each slot
 *
 *   path info  kind 'P'
 *     u8       flags: 1 = NarHash text, 2 = deriver, 4 = system, 8 = content address
 *     path     the store path: 20 bytes of digest, string name
 *     32       NarHash
 *     varint   NarSize
 *     [string  NarHash as the narinfo wrote it, where that is not sha256: and nix-base32]
 *     varint   number of references, then a path each, in the narinfo's order
 *     [u8      1: deriver is a path; 0: deriver is a string. Then that]
 *     [string  system]
 *     varint   number of signatures, each: u8 1, string key name, 64 bytes; or u8 0, string
 *     [string  content address]
 *     varint   number of other lines, a string each
 *
 *   unclaimed NAR  kind 'W': a NAR that no path has yet
 *     varint   when it was stored, seconds since 1970
 * </pre>
 *
 * <p>A recipe names no digest and orders slots by first occurrence, so two NARs that differ in digests alone have the same
 * recipe, and its id is the SHA-256 of its bytes.
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.blockstore;

import org.jspecify.annotations.NullMarked;
