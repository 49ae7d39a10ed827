package dev.narsil.blockstore;

/**
 * What a store holds, counted at one moment.
 *
 * @param paths store paths
 * @param nars distinct NARs
 * @param narBytes sum of NarSize over paths
 * @param uniqueNarBytes sum of NarSize over distinct NARs
 * @param strippedUniqueBytes sum of the raw lengths of all blocks
 * @param packBytes bytes on disk of the files that hold packs
 * @param metadataBytes bytes on disk of everything else
 * @param storedBytes {@code packBytes + metadataBytes}
 * @param blocks distinct blocks
 * @param packs packs
 * @param recipes distinct recipes
 * @param holes holes over all recipes
 */
public record StoreStats(
        long paths,
        long nars,
        long narBytes,
        long uniqueNarBytes,
        long strippedUniqueBytes,
        long packBytes,
        long metadataBytes,
        long storedBytes,
        long blocks,
        long packs,
        long recipes,
        long holes) {}
