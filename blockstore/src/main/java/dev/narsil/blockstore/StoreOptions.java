package dev.narsil.blockstore;

import dev.narsil.blockstore.pack.PackWriter;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;

/**
 * How a store is opened.
 *
 * @param storeDir the store directory its paths lie in; stored with the data
 * @param chunker bounds of its blocks, each of which fits into a pack; stored with the data
 * @param packCacheBytes most bytes of decoded packs kept in memory
 */
public record StoreOptions(StoreDir storeDir, ChunkerParameters chunker, long packCacheBytes) {

    /** Contents of files of at least this length are cut off from what surrounds them; part of the stored format. */
    public static final int FILE_CUT_BYTES = 16 << 10;

    /** Default of {@link #packCacheBytes()}. */
    public static final long DEFAULT_PACK_CACHE_BYTES = 96L << 20;

    public StoreOptions {
        if (chunker.max() > PackWriter.RAW_BYTES) {
            throw new IllegalArgumentException("a block of " + chunker.max() + " bytes does not fit into a pack, "
                    + PackWriter.RAW_BYTES + " bytes");
        }
    }

    /** A store of {@code /nix/store} with the default parameters. */
    public static final StoreOptions DEFAULT =
            new StoreOptions(StoreDir.DEFAULT, ChunkerParameters.DEFAULT, DEFAULT_PACK_CACHE_BYTES);
}
