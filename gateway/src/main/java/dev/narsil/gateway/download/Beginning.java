package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;

/**
 * The first bytes of a NAR as they came.
 *
 * @param suspect what they are held against if they are wrong, as {@link Holder#suspect} names it
 * @param length how many they are
 * @param hash of all of them
 */
record Beginning(String suspect, long length, Sha256 hash) {}
