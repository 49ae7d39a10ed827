/**
 * SHA-256 hashes and the texts Nix writes them in.
 *
 * <p>nix-base32 prints {@code n} bytes as {@code (8n - 1) / 5 + 1} characters of
 * {@code 0123456789abcdfghijklmnpqrsvwxyz}. Character {@code k} from the right holds bits {@code 5k .. 5k + 4}, where
 * bit {@code i} is bit {@code i mod 8} of byte {@code i / 8} (Nix {@code src/libutil/hash.cc}).
 */
@NullMarked
package dev.narsil.rewrite.hash;

import org.jspecify.annotations.NullMarked;
