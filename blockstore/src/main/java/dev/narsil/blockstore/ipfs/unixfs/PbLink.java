package dev.narsil.blockstore.ipfs.unixfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import org.jspecify.annotations.Nullable;

/**
 * A link of a {@link PbNode}.
 *
 * @param cid the block it is to
 * @param name its name, or null if it has none, which is not the same as an empty one
 * @param tsize bytes of that block and of all below it, as whoever made the link says; not negative
 */
public record PbLink(Cid cid, @Nullable String name, long tsize) {

    public PbLink {
        if (tsize < 0) {
            throw new IllegalArgumentException("negative Tsize: " + tsize);
        }
    }
}
