/**
 * Store paths: {@code <store dir>/<digest>-<name>}, where the digest is 20 bytes in 32 nix-base32 characters and the
 * name is 1 to 211 characters of {@code [0-9A-Za-z+._?=-]} (Nix {@code src/libstore/path.cc}).
 */
@NullMarked
package dev.narsil.rewrite.path;

import org.jspecify.annotations.NullMarked;
