package dev.narsil.gateway.kubo;

/**
 * What a daemon took of a CAR: all of it.
 *
 * @param blocks number of blocks
 * @param blockBytes their bytes
 */
public record ImportedCar(long blocks, long blockBytes) {}
