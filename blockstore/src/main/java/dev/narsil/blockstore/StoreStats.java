package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

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
        long holes) {

    /** Counts what {@code store} holds, by reading all metadata, and measures its files. */
    static StoreStats of(BlockStore store) throws IOException {
        long[] blocks = new long[2];
        Set<Long> packNumbers = new HashSet<>();
        store.scan(Table.BLOCK, (key, value) -> {
            BlockLocation location = BlockLocation.decode(value);
            blocks[0]++;
            blocks[1] += location.length();
            packNumbers.add(location.pack());
        });
        long[] recipes = new long[2];
        store.scan(Table.RECIPE, (key, value) -> {
            recipes[0]++;
            recipes[1] += Recipe.decode(value).holes().size();
        });
        StoreTotals totals = StoreTotals.of(store);
        return new StoreStats(
                totals.paths(),
                totals.nars(),
                totals.narBytes(),
                totals.uniqueNarBytes(),
                blocks[1],
                totals.packBytes(),
                totals.metadataBytes(),
                totals.storedBytes(),
                blocks[0],
                packNumbers.size(),
                recipes[0],
                recipes[1]);
    }
}
