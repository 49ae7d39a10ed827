/**
 * Packs: blocks compressed together, the unit of compression and of I/O.
 *
 * <p>A pack is one value of the storage engine and holds one zstd frame, because the engine reads a value whole: with
 * several frames to a value a single block would cost the reading of all of them.
 *
 * <h2>Format, version 1</h2>
 *
 * <pre>
 *   offset  size
 *        0     4  magic "NPAK"
 *        4     1  version, 1
 *        5     1  coding of the payload: 0 = as it is, 1 = one zstd frame
 *        6     2  zero
 *        8     4  number of blocks, at least 1
 *       12     4  raw length: sum of the lengths of the blocks, at most 64 MiB
 *       16     4  payload length
 *       20     4  CRC-32C of everything before and after this field
 *       24  36 n  directory: block id (SHA-256 of the block), u32 length (at least 1), in the order of the raw bytes
 *  24+36 n        payload: the blocks, one after the other
 * </pre>
 *
 * <p>Numbers are unsigned and little endian. Nothing follows the payload. The directory makes a pack readable without any
 * index: an index can be rebuilt from packs alone, and a scrub reads packs once from first to last.
 *
 * <p>Packs written at ingest ("hot") hold blocks in NAR order, at most {@link dev.narsil.blockstore.pack.PackWriter#RAW_BYTES}
 * raw, at zstd level 3.
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.blockstore.pack;

import org.jspecify.annotations.NullMarked;
