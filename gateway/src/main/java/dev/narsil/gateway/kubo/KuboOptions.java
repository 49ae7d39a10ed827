package dev.narsil.gateway.kubo;

import org.jspecify.annotations.Nullable;

/**
 * How a daemon is called.
 *
 * @param api where it is
 * @param secret what it wants to be sent, or null
 * @param limits what calls may take
 */
public record KuboOptions(ApiAddress api, @Nullable ApiSecret secret, KuboLimits limits) {}
