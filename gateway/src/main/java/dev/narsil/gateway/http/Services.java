package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.ipfs.fetch.IpfsFetch;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.trustless.Provider;
import dev.narsil.gateway.trustless.SharedPaths;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.gateway.upstream.Upstreams;
import org.jspecify.annotations.Nullable;

/**
 * What a server serves. All of it must stay open until the server is closed.
 *
 * @param store the store
 * @param upstreams who is asked for paths that are not stored, or null for nobody
 * @param downloads brings NARs that the store lacks, or null where none are fetched
 * @param uploads takes what clients put, or null where nothing may be written
 * @param access who may do what
 * @param sharing what everybody may have by content, or null for nothing
 * @param fetch what fetches from IPFS for the downloads, or null for nothing
 * @param pins keeps for others what they ask it to, or null where nothing is kept
 */
public record Services(
        NarStore store,
        @Nullable Upstreams upstreams,
        @Nullable NarDownloads downloads,
        @Nullable Uploads uploads,
        Access access,
        @Nullable Sharing sharing,
        @Nullable IpfsFetch fetch,
        @Nullable PinService pins) {

    /**
     * What everybody who may read may have by content.
     *
     * @param paths the paths that are shared
     * @param provider what is said of this server to those who look for a block
     */
    public record Sharing(SharedPaths paths, Provider provider) {}

    /** Returns a store alone, to be read by everybody. */
    public static Services of(NarStore store) {
        return new Services(store, null, null, null, Access.OPEN, null, null, null);
    }

    /** Returns these with upstreams. */
    public Services withUpstreams(Upstreams newUpstreams) {
        return new Services(store, newUpstreams, downloads, uploads, access, sharing, fetch, pins);
    }

    /** Returns these with NARs from upstreams. */
    public Services withDownloads(NarDownloads newDownloads) {
        return new Services(store, upstreams, newDownloads, uploads, access, sharing, fetch, pins);
    }

    /** Returns these with uploads. */
    public Services withUploads(Uploads newUploads) {
        return new Services(store, upstreams, downloads, newUploads, access, sharing, fetch, pins);
    }

    /** Returns these for those whom {@code newAccess} lets. */
    public Services withAccess(Access newAccess) {
        return new Services(store, upstreams, downloads, uploads, newAccess, sharing, fetch, pins);
    }

    /** Returns these with what is shared. */
    public Services withSharing(Sharing newSharing) {
        return new Services(store, upstreams, downloads, uploads, access, newSharing, fetch, pins);
    }

    /** Returns these with what fetches from IPFS. */
    public Services withFetch(IpfsFetch newFetch) {
        return new Services(store, upstreams, downloads, uploads, access, sharing, newFetch, pins);
    }

    /** Returns these with a pinning service. */
    public Services withPins(PinService newPins) {
        return new Services(store, upstreams, downloads, uploads, access, sharing, fetch, newPins);
    }
}
