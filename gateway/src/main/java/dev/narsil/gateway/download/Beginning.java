package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;

/**
 * The first bytes of a NAR as they came.
 *
 * @param upstream whom the last of them came from, as {@link Holder#suspect} names it
 * @param length how many they are
 * @param hash of all of them
 */
record Beginning(String upstream, long length, Sha256 hash) {}
