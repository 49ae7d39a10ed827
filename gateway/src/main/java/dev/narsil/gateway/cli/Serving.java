package dev.narsil.gateway.cli;

import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.ipfs.fetch.IpfsFetch;
import dev.narsil.gateway.ipfs.index.RefreshMeters;
import dev.narsil.gateway.upstream.Upstreams;
import org.jspecify.annotations.Nullable;

/**
 * What a running server goes by, for the commands that run inside its process.
 *
 * @param tokens the tokens it knows
 * @param upstreams the caches it asks
 * @param downloads what brings NARs from them
 * @param fetch what fetches NARs from IPFS, or null for nothing
 * @param refreshes how the indexes do that it follows
 * @param sharing what it brings and shares by itself
 */
record Serving(
        Tokens tokens,
        Upstreams upstreams,
        NarDownloads downloads,
        @Nullable IpfsFetch fetch,
        RefreshMeters refreshes,
        ServedSharing sharing) {}
