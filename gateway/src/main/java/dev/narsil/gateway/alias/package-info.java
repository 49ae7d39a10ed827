/**
 * Aliases: the names of files that clients uploaded, and what is served under them.
 *
 * <p>A client uploads a NAR as {@code nar/<FileHash>.nar[.suffix]}, compressed in its own way, and it or others who read its
 * narinfo ask for that file for up to 30 days since they last heard of it ({@link dev.narsil.gateway.alias.Aliases#LIFETIME}). The store keeps the NAR
 * only. An {@link dev.narsil.gateway.alias.Alias} says which NAR and compression the name stands for, and an {@link
 * dev.narsil.gateway.alias.AliasForm} writes the NAR in that compression again. The bytes are not those that were uploaded,
 * so FileHash and FileSize do not hold for them (no client compares them with what it downloads), but they are always the
 * same, so that their length is known, a download can be resumed and an entity tag holds.
 *
 * <h2>Record, version 1</h2>
 *
 * <p>Table ALIAS; the key is the FileHash, 32 bytes. The value is a record of {@link dev.narsil.blockstore.codec}:
 *
 * <pre>
 *   alias      kind 'A'
 *     string   compression, as narinfos name it
 *     u8       version of the form, at least 1
 *     32       NarHash
 *     varint   NarSize
 *     varint   length of the file that is served
 *     varint   length of the file that was uploaded
 *     varint   CRC-32 of the NAR
 *     varint   when a client was last told that the file is here, in seconds since 1970
 * </pre>
 *
 * <h2>Forms, version 1</h2>
 *
 * <p>All but three formats can hold data as it is. Their files are a head, the NAR in chunks with a header each, and a tail.
 * Numbers are little endian unless said otherwise; {@code n} is the size of a chunk in bytes.
 *
 * <pre>
 *   none   chunk   the whole NAR, no header
 *
 *   xz     head    fd 37 7a 58 5a 00, flags 00 00 (no check), u32 CRC-32 of the flags;
 *                  block header 02 00 21 01 08 00 00 00 (LZMA2, dictionary of 64 KiB), u32 CRC-32 of it
 *          header  u8 1 for the first chunk, else 2; u16 n - 1, big endian
 *          chunk   65536 bytes
 *          tail    00; zeros up to a multiple of four bytes; the index: 00 01, number of bytes from the block header up to
 *                  the zeros, NarSize (both in the format's variable length), zeros up to a multiple of four bytes, u32
 *                  CRC-32 of the index; u32 CRC-32 of the next six bytes, u32 length of the index with its CRC / 4 - 1,
 *                  00 00, 59 5a
 *
 *   zstd   head    28 b5 2f fd c0 38 (window of 128 KiB), u64 NarSize
 *          header  u24: 1 if the last chunk, + 8 n
 *          chunk   131072 bytes
 *          tail    none
 *
 *   gzip   head    1f 8b 08 00 00 00 00 00 00 ff
 *          header  u8 1 for the last chunk, else 0; u16 n; u16 n inverted
 *          chunk   65535 bytes
 *          tail    u32 CRC-32 of the NAR; u32 NarSize modulo 2^32
 *
 *   lz4    head    04 22 4d 18 60 40 82 (independent blocks of at most 64 KiB, no checksum)
 *          header  u32: 2^31 + n
 *          chunk   65536 bytes
 *          tail    00 00 00 00
 *
 *   br     head    none
 *          header  u24: 2^19 + 8 (n - 1); twice that for the first chunk, whose first bit is the stream's window (16)
 *          chunk   65536 bytes
 *          tail    03
 * </pre>
 *
 * <p>Three are computed, from the first byte on for whatever part of them is wanted:
 *
 * <pre>
 *   bzip2  the encoder of Commons Compress, blocks of 100 000 bytes
 *   lzma   the encoder of XZ for Java, preset 0; the header does not tell the size, an end marker ends it
 *   lzip   one member; in it, what lzma has without its header
 * </pre>
 *
 * <p>A change of any byte of a form, be it by a newer library, is a new version of that form. Aliases that were made for
 * another version are not served: their length and entity tag would not hold.
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.alias;

import org.jspecify.annotations.NullMarked;
