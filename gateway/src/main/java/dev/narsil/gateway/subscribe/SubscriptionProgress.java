package dev.narsil.gateway.subscribe;

/**
 * How far a run of a subscription is.
 *
 * @param name of the subscription
 * @param paths number of paths of its closures that are known by now
 * @param toBring those that are to be brought; 0 while that is not known
 * @param brought those that were brought by now
 * @param broughtBytes bytes of their NARs
 */
public record SubscriptionProgress(String name, long paths, long toBring, long brought, long broughtBytes) {}
