package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.gateway.upstream.Upstreams;
import org.jspecify.annotations.Nullable;

/**
 * What a server serves. All of it must stay open until the server is closed.
 *
 * @param store the store
 * @param upstreams who is asked for what is not stored, or null for nobody
 * @param uploads what is taken from clients, or null for nothing
 */
public record Services(NarStore store, @Nullable Upstreams upstreams, @Nullable Uploads uploads) {

    /** Returns a store alone, to be read. */
    public static Services of(NarStore store) {
        return new Services(store, null, null);
    }

    /** Returns these with upstreams. */
    public Services withUpstreams(Upstreams asked) {
        return new Services(store, asked, uploads);
    }

    /** Returns these with uploads. */
    public Services withUploads(Uploads taken) {
        return new Services(store, upstreams, taken);
    }
}
