/** Blocks, packs, recipes and path infos: what a store holds, how NARs get in and come out. */
@NullMarked
package dev.narsil.blockstore;

import org.jspecify.annotations.NullMarked;
