/**
 * The NAR grammar: a strict streaming parser and a writer of canonical NARs.
 *
 * <pre>
 *   nar   = str("nix-archive-1") node
 *   node  = str("(") str("type") body str(")")
 *   body  = str("regular") [ str("executable") str("") ] str("contents") blob
 *         | str("symlink") str("target") str(TARGET)
 *         | str("directory") { entry }
 *   entry = str("entry") str("(") str("name") str(NAME) str("node") node str(")")
 *   str(s) = u64le(len(s)) s zeros((8 - len(s) mod 8) mod 8)
 *   blob  = as str
 * </pre>
 *
 * <p>Accepted is what Nix writes and every Nix since 2.28.7, 2.31.5, 2.32.8, 2.33.6, 2.34.7 and 2.35.0 reads
 * ({@code src/libutil/archive.cc}): fields in this order, padding of zeros, the names of a directory strictly ascending
 * by their unsigned bytes, a name of 1 to 255 bytes that is not {@code .} or {@code ..} and has neither slash nor NUL,
 * a target of 1 to 4095 bytes without NUL, at most 63 names on the way to a node, and nothing after the root node.
 * Names and targets are bytes of no particular encoding. A blob whose end would lie beyond 2<sup>63</sup> - 1 is
 * refused.
 */
@NullMarked
package dev.narsil.rewrite.nar;

import org.jspecify.annotations.NullMarked;
