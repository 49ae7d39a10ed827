package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.NarRoots;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;

/** The roots of NARs that were published from this store, which may have lost them since. Calls native code. */
public final class PublishedRoots implements NarRoots {

    private final PublishedPaths published;
    private final KnownPaths paths;

    /**
     * Those of a store.
     *
     * @param paths who knows which path has a NAR
     */
    public PublishedRoots(PublishedPaths published, KnownPaths paths) {
        this.published = published;
        this.paths = paths;
    }

    @Override
    public List<Cid> roots(Sha256 narHash) throws IOException {
        try {
            Optional<PathInfo> path = paths.holding(narHash);
            return path.isEmpty()
                    ? List.of()
                    : published.find(path.get().path().digest()).map(PublishedPath::nar).stream()
                            .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
