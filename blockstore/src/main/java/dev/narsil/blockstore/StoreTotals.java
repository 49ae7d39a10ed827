package dev.narsil.blockstore;

/**
 * The part of {@link StoreStats} that is cheap: it takes reading the tables of paths and NARs, but of no block.
 *
 * @param paths store paths
 * @param nars distinct NARs
 * @param narBytes sum of NarSize over paths
 * @param uniqueNarBytes sum of NarSize over distinct NARs
 * @param packBytes bytes on disk of the files that hold packs
 * @param metadataBytes bytes on disk of everything else
 */
public record StoreTotals(
        long paths, long nars, long narBytes, long uniqueNarBytes, long packBytes, long metadataBytes) {

    /** {@code packBytes + metadataBytes}. */
    public long storedBytes() {
        return packBytes + metadataBytes;
    }
}
