package dev.narsil.benchmarks;

import dev.narsil.blockstore.StoreStats;
import java.util.List;

/**
 * What one generation of a binary cache added to a store.
 *
 * @param name of its list of store paths
 * @param paths store paths
 * @param narBytes sum of their NarSize
 * @param referenceBytes bytes of the reference cache's files that no generation before had
 * @param storedBytes bytes on disk, with the store closed
 * @param metadataBytes those of them that hold no packs
 * @param blocks blocks
 * @param holes holes in recipes
 * @param seconds how long the import took, from opening the store to having closed it
 */
record Generation(
        String name,
        long paths,
        long narBytes,
        long referenceBytes,
        long storedBytes,
        long metadataBytes,
        long blocks,
        long holes,
        double seconds) {

    /** Bytes of a store on disk, and what it holds. */
    record Measured(long packBytes, long otherBytes, StoreStats stats) {}

    /** Returns the difference of two measurements. */
    static Generation between(String name, Measured before, Measured after, long referenceBytes, double seconds) {
        return new Generation(
                name,
                after.stats().paths() - before.stats().paths(),
                after.stats().narBytes() - before.stats().narBytes(),
                referenceBytes,
                after.packBytes() + after.otherBytes() - before.packBytes() - before.otherBytes(),
                after.otherBytes() - before.otherBytes(),
                after.stats().blocks() - before.stats().blocks(),
                after.stats().holes() - before.stats().holes(),
                seconds);
    }

    /** Returns the sum of generations. */
    static Generation total(List<Generation> all) {
        return new Generation(
                "total",
                all.stream().mapToLong(Generation::paths).sum(),
                all.stream().mapToLong(Generation::narBytes).sum(),
                all.stream().mapToLong(Generation::referenceBytes).sum(),
                all.stream().mapToLong(Generation::storedBytes).sum(),
                all.stream().mapToLong(Generation::metadataBytes).sum(),
                all.stream().mapToLong(Generation::blocks).sum(),
                all.stream().mapToLong(Generation::holes).sum(),
                all.stream().mapToDouble(Generation::seconds).sum());
    }

    double ratio() {
        return (double) storedBytes / referenceBytes;
    }

    double metadataShare() {
        return (double) metadataBytes / storedBytes;
    }

    double bytesPerPath() {
        return (double) storedBytes / paths;
    }

    double gigabytesPerSecond() {
        return narBytes / 1e9 / seconds;
    }
}
