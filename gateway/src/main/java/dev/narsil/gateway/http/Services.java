package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;

/**
 * What a server serves.
 *
 * @param store the store; it must stay open until the server is closed
 */
public record Services(NarStore store) {

    /** Returns a store alone, to be read. */
    public static Services of(NarStore store) {
        return new Services(store);
    }
}
