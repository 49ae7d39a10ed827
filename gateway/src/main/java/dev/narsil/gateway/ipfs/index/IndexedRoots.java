package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.NarRoots;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CIDs of NARs as narinfos of upstreams tell them in a field, then as the indexes that are followed do, then as a URL
 * in a narinfo. Waits for the store.
 */
public final class IndexedRoots implements NarRoots {

    private static final Logger LOG = LoggerFactory.getLogger(IndexedRoots.class);

    private final Upstreams upstreams;
    private final IndexLookups lookups;

    /** What upstreams said, and what is looked up. */
    public IndexedRoots(Upstreams upstreams, IndexLookups lookups) {
        this.upstreams = upstreams;
        this.lookups = lookups;
    }

    @Override
    public List<Cid> roots(Sha256 narHash) throws IOException {
        try {
            Optional<NarInfo> known = upstreams.known(narHash);
            Set<Cid> roots = new LinkedHashSet<>();
            known.flatMap(NarInfo::cids).map(NarCids::nar).ifPresent(roots::add);
            roots.addAll(indexed(narHash));
            known.map(NarInfo::ipfsUrl).ifPresent(roots::add);
            return List.copyOf(roots);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Returns what indexes say; nothing where that cannot be read, as others may know. */
    private List<Cid> indexed(Sha256 narHash) throws InterruptedException {
        try {
            return lookups.roots(narHash).get();
        } catch (ExecutionException e) {
            LOG.warn("what indexes say of {} cannot be read: {}", narHash, e.getMessage());
            return List.of();
        }
    }
}
