package dev.narsil.blockstore;

import java.util.concurrent.CompletableFuture;

/**
 * A stored NAR that somebody was told of.
 *
 * @param narSize its length in bytes
 * @param durable completes when what was written for that is durable
 */
public record RenewedNar(long narSize, CompletableFuture<Void> durable) {}
