package dev.narsil.blockstore;

import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;

/**
 * How a store is opened.
 *
 * @param storeDir the store directory its paths lie in; stored with the data
 * @param chunker bounds of its blocks; stored with the data
 * @param packCacheBytes most bytes of decoded packs kept in memory
 */
public record StoreOptions(StoreDir storeDir, ChunkerParameters chunker, long packCacheBytes) {

    public static final long DEFAULT_PACK_CACHE_BYTES = 96L << 20;

    public static final StoreOptions DEFAULT =
            new StoreOptions(StoreDir.DEFAULT, ChunkerParameters.DEFAULT, DEFAULT_PACK_CACHE_BYTES);
}
