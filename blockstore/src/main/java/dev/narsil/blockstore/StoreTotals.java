package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import java.io.IOException;

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

    /** Counts what {@code store} holds, by reading its tables of paths and NARs, and measures its files. */
    static StoreTotals of(BlockStore store) throws IOException {
        long[] nars = new long[2];
        store.scan(Table.NAR, (key, value) -> {
            nars[0]++;
            nars[1] += NarEntry.decode(value).narSize();
        });
        long[] paths = new long[2];
        store.scan(Table.PATH, (key, value) -> {
            paths[0]++;
            paths[1] += PathInfoCodec.decode(value).narSize();
        });
        BlockStore.DiskUsage disk = store.diskUsage();
        return new StoreTotals(paths[0], nars[0], paths[1], nars[1], disk.packBytes(), disk.otherBytes());
    }

    /** {@code packBytes + metadataBytes}. */
    public long storedBytes() {
        return packBytes + metadataBytes;
    }
}
