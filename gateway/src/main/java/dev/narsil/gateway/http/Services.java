package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.download.NarDownloads;
import org.jspecify.annotations.Nullable;

/**
 * What a server serves. All of it must stay open until the server is closed.
 *
 * @param store the store
 * @param downloads brings NARs that the store lacks, or null where none are fetched
 */
public record Services(NarStore store, @Nullable NarDownloads downloads) {

    /** Returns a store alone, to be read. */
    public static Services of(NarStore store) {
        return new Services(store, null);
    }

    /** Returns these with NARs from upstreams. */
    public Services withDownloads(NarDownloads newDownloads) {
        return new Services(store, newDownloads);
    }
}
