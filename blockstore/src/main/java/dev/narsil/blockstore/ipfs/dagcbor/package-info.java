/**
 * Values in dag-cbor: CBOR in its one canonical form, with links between blocks.
 *
 * <pre>
 *   integer   major type 0 or 1; -2^63 to 2^63 - 1
 *   bytes     major type 2
 *   text      major type 3; UTF-8
 *   array     major type 4
 *   map       major type 5; keys are texts, each once, in order of their length in bytes, then of their unsigned
 *             bytes
 *   link      tag 42 of bytes: 0x00, then a CID
 *   false, true, null   0xf4, 0xf5, 0xf6
 * </pre>
 *
 * <p>Every length, count and number is in its shortest form, none is indefinite, and nothing follows the one value of
 * a block. There are no floats: what this program writes needs none, and a reader that meets one refuses it. Values
 * are nested at most {@link dev.narsil.blockstore.ipfs.dagcbor.CborReader#MAX_DEPTH} deep.
 *
 * <p>Sources: ipld/specs dag-cbor, RFC 8949.
 */
@NullMarked
package dev.narsil.blockstore.ipfs.dagcbor;

import org.jspecify.annotations.NullMarked;
