package dev.narsil.gateway.kubo;

/**
 * What a daemon stores.
 *
 * @param bytes on disk
 * @param maxBytes where its collection of garbage begins, if that is enabled
 */
public record KuboRepository(long bytes, long maxBytes) {}
