package dev.narsil.gateway.ipfs;

/**
 * What publishing one path took.
 *
 * @param path what is remembered of it
 * @param fresh whether it was not pinned before
 * @param blocks number of blocks that were sent
 * @param blockBytes their bytes
 */
public record Publication(PublishedPath path, boolean fresh, long blocks, long blockBytes) {}
