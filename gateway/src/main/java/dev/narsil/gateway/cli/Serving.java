package dev.narsil.gateway.cli;

import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.upstream.Upstreams;

/**
 * What a running server goes by, for the commands that run inside its process.
 *
 * @param tokens the tokens it knows
 * @param upstreams the caches it asks
 * @param sharing what it brings and shares by itself
 */
record Serving(Tokens tokens, Upstreams upstreams, ServedSharing sharing) {}
