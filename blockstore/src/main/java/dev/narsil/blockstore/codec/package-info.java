/**
 * The encodings every stored record is made of.
 *
 * <pre>
 *   u8, u32      one byte; four bytes, little endian
 *   varint       unsigned LEB128: seven bits a byte, least significant first, at most nine bytes, shortest form only
 *   string       varint length in bytes, then that many bytes of UTF-8
 *   record       u8 kind, u8 version, body, u32 CRC-32C of everything before it
 * </pre>
 *
 * <p>A reader says "truncated", "corrupt" or "newer version" through {@link dev.narsil.blockstore.codec.FormatException}
 * and never allocates by a count it has not compared with the bytes that are left.
 */
@NullMarked
package dev.narsil.blockstore.codec;

import org.jspecify.annotations.NullMarked;
