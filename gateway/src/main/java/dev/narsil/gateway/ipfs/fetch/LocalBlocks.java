package dev.narsil.gateway.ipfs.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.NarBlocks;
import dev.narsil.blockstore.ipfs.NarDag;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks that need not be fetched, as the store has them: those it keeps under their own hash, and those that are cut
 * out of other NARs of the same package. What cannot be read counts as not there. Safe for use by many threads, which
 * are to be platform threads: methods call native code.
 */
final class LocalBlocks {

    private static final Logger LOG = LoggerFactory.getLogger(LocalBlocks.class);

    /** Most bytes that knowing the blocks of other NARs takes. */
    private static final long CACHE_BYTES = 32L << 20;

    /** Most other NARs that blocks are looked for in. */
    private static final int MAX_NARS = 2;

    /** What another NAR may have at most, as its blocks with holes are read to find out its leaves. */
    private static final long MAX_NAR_BYTES = 4L << 30;

    private static final int MAX_HOLES = 16_384;

    private final NarStore store;
    private final PackageNames names;
    private final Cache<Sha256, NarBlocks> known = Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(CACHE_BYTES)
            .weigher((Sha256 narHash, NarBlocks blocks) -> (int) Math.min(blocks.weight(), CACHE_BYTES))
            .build();

    /** Those of a store; {@code names} has some of its paths. */
    LocalBlocks(NarStore store, PackageNames names) {
        this.store = store;
        this.names = names;
    }

    /** Returns the blocks of other NARs of the package that a NAR is of, to be closed. */
    Others othersLike(PathInfo path) {
        List<Other> others = new ArrayList<>();
        for (Digest digest : names.like(path.path())) {
            if (others.size() < MAX_NARS) {
                try {
                    open(digest, path).ifPresent(others::add);
                } catch (IOException e) {
                    LOG.debug("no blocks of {}", digest, e);
                }
            }
        }
        return new Others(others);
    }

    private Optional<Other> open(Digest digest, PathInfo like) throws IOException {
        Optional<PathInfo> path = store.path(digest)
                .filter(found -> !found.narHash().equals(like.narHash()) && found.narSize() <= MAX_NAR_BYTES);
        Optional<StoredNar> opened =
                path.isEmpty() ? Optional.empty() : store.openStored(path.get().narHash());
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        StoredNar nar = opened.get();
        boolean useful = false;
        try {
            NarBlocks blocks = known.getIfPresent(nar.narHash());
            if (blocks == null && nar.recipe().holes().size() <= MAX_HOLES) {
                blocks = NarDag.of(nar).blocks();
                known.put(nar.narHash(), blocks);
            }
            useful = blocks != null;
            return blocks == null ? Optional.empty() : Optional.of(new Other(nar, blocks));
        } finally {
            if (!useful) {
                nar.close();
            }
        }
    }

    /** Returns a block, whose bytes are those of its CID. */
    Optional<byte[]> find(Cid cid, Others others) {
        try {
            Optional<byte[]> cut = others.find(cid);
            return cut.isPresent() || cid.codec() != Codec.RAW || cid.isIdentity()
                    ? cut
                    : store.block(cid.sha256().orElseThrow());
        } catch (IOException e) {
            LOG.debug("the block {} is not read from the store", cid, e);
            return Optional.empty();
        }
    }

    private record Other(StoredNar nar, NarBlocks blocks) {}

    /** Other NARs, open. Safe for use by many threads; who reads them when they are closed finds nothing more. */
    static final class Others implements AutoCloseable {

        /** None. */
        static final Others NONE = new Others(List.of());

        private final List<Other> nars;
        private volatile boolean closed;

        private Others(List<Other> nars) {
            this.nars = nars;
        }

        private Optional<byte[]> find(Cid cid) throws IOException {
            for (Other other : nars) {
                if (!closed && other.blocks().length(cid).isPresent()) {
                    return other.blocks().read(other.nar(), cid);
                }
            }
            return Optional.empty();
        }

        @Override
        public void close() {
            closed = true;
            nars.forEach(other -> other.nar().close());
        }
    }
}
