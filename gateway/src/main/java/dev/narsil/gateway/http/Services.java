package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.Access;

/**
 * What a server serves.
 *
 * @param store the store; it must stay open until the server is closed
 * @param access who may do what
 */
public record Services(NarStore store, Access access) {

    /** Returns a store alone, to be read by everybody. */
    public static Services of(NarStore store) {
        return new Services(store, Access.OPEN);
    }

    /** Returns these services for those whom {@code newAccess} lets. */
    public Services withAccess(Access newAccess) {
        return new Services(store, newAccess);
    }
}
