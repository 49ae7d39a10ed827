package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.upload.Uploads;
import org.jspecify.annotations.Nullable;

/**
 * What a server serves.
 *
 * @param store the store; it must stay open until the server is closed
 * @param uploads what is taken from clients; null for nothing
 */
public record Services(NarStore store, @Nullable Uploads uploads) {

    /** Returns a store alone, to be read. */
    public static Services of(NarStore store) {
        return new Services(store, null);
    }

    /** Returns these services with uploads, which must stay open until the server is closed. */
    public Services withUploads(Uploads newUploads) {
        return new Services(store, newUploads);
    }
}
