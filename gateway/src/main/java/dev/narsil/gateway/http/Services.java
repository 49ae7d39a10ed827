package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.upstream.Upstreams;
import org.jspecify.annotations.Nullable;

/**
 * What a server serves.
 *
 * @param store the store; it must stay open until the server is closed
 * @param upstreams who is asked for what is not stored, or null for nobody; they too must stay open as long
 */
public record Services(NarStore store, @Nullable Upstreams upstreams) {

    /** Returns a store alone, to be read. */
    public static Services of(NarStore store) {
        return new Services(store, null);
    }

    /** Returns these with upstreams. */
    public Services withUpstreams(Upstreams asked) {
        return new Services(store, asked);
    }
}
