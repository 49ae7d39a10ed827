package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a stored path is called in IPFS, whether it is there or not.
 *
 * @param nar CID of the UnixFS file that is its NAR; null if the NAR is too large, or cannot be read
 * @param manifest CID of its manifest; null if there is none of the NAR
 * @param publishedSince when the path was published as it is known now; null if it was not
 */
public record IpfsNames(
        @Nullable Cid nar, @Nullable Cid manifest, @Nullable Instant publishedSince) {

    private static final Logger LOG = LoggerFactory.getLogger(IpfsNames.class);

    /** Returns those of a path: what is remembered, or else worked out, which reads the blocks that have holes. */
    public static IpfsNames of(NarStore store, PathInfo info) throws IOException {
        try {
            Optional<PublishedPath> published = new PublishedPaths(store).current(info);
            if (published.isPresent()) {
                PublishedPath path = published.get();
                return new IpfsNames(path.nar(), path.manifest(), path.since());
            }
            return workedOut(store, info);
        } catch (StoreException | FormatException e) {
            LOG.info("no CIDs of {}: {}", info.path(), e.getMessage());
            return new IpfsNames(null, null, null);
        }
    }

    private static IpfsNames workedOut(NarStore store, PathInfo info) throws IOException {
        try (PathDag dag = PathDag.open(store, info)) {
            return new IpfsNames(dag.nar(), dag.manifest(), null);
        }
    }
}
