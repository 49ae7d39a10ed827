package dev.narsil.gateway.ipfs.fetch;

/**
 * What fetching from a daemon has done so far.
 *
 * @param opened NARs, or rests of NARs, that were asked for
 * @param misses those of which nothing came in time
 * @param lies blocks that were not those of their CID
 * @param failures other blocks that were not had
 * @param blocks blocks that came
 * @param bytes bytes of them
 * @param localBlocks blocks that were not asked for, as the store has them
 * @param localBytes bytes of them
 */
public record FetchState(
        long opened,
        long misses,
        long lies,
        long failures,
        long blocks,
        long bytes,
        long localBlocks,
        long localBytes) {}
