package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.trustless.SharedPaths;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which CIDs the narinfos of stored paths tell: those of paths that were published, or are shared. */
public final class ToldCids {

    private static final Logger LOG = LoggerFactory.getLogger(ToldCids.class);

    private final PublishedPaths published;
    private final @Nullable SharedPaths shared;

    /**
     * Those of a store.
     *
     * @param shared what is shared of it, or null for nothing
     */
    public ToldCids(NarStore store, @Nullable SharedPaths shared) {
        this.published = new PublishedPaths(store);
        this.shared = shared;
    }

    /** Returns those of a stored path; empty if it is known nowhere in IPFS. Calls native code. */
    public Optional<NarCids> of(PathInfo info) throws IOException {
        try {
            Optional<PublishedPath> path = published.current(info);
            if (path.isPresent()) {
                return Optional.of(new NarCids(path.get().manifest(), path.get().nar()));
            }
            return shared == null ? Optional.empty() : shared.cids(info);
        } catch (StoreException | FormatException | IllegalArgumentException e) {
            LOG.info("no CIDs of {} are told: {}", info.path(), e.getMessage());
            return Optional.empty();
        }
    }
}
