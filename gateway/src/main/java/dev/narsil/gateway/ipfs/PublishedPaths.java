package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The paths of a store that were published. Safe for use by many threads. */
public final class PublishedPaths {

    private final NarStore store;

    /** Those of this store. */
    public PublishedPaths(NarStore store) {
        this.store = store;
    }

    /** Returns what is remembered of a path. */
    public Optional<PublishedPath> find(Digest digest) throws IOException {
        byte[] value = store.record(Table.PUBLISHED, digest.bytes());
        return value == null ? Optional.empty() : Optional.of(PublishedPath.decode(value));
    }

    /**
     * Returns what is remembered of a path if what was published says what is known of it now: the same NAR, references
     * and signatures.
     */
    public Optional<PublishedPath> current(PathInfo info) throws IOException {
        Optional<PublishedPath> published = find(info.path().digest());
        return published.isPresent()
                        && published
                                .get()
                                .manifest()
                                .equals(PathDag.manifestCid(
                                        store, info, published.get().nar()))
                ? published
                : Optional.empty();
    }

    /** Returns all, in the order of their digests' bytes: some 300 bytes of memory each. */
    public Map<Digest, PublishedPath> all() throws IOException {
        Map<Digest, PublishedPath> all = new LinkedHashMap<>();
        store.forEachRecord(Table.PUBLISHED, (key, value) -> all.put(Digest.of(key, 0), PublishedPath.decode(value)));
        return all;
    }

    /** Tells whether a path was published with this manifest; reads them all. */
    public boolean isPublished(Cid manifest) throws IOException {
        AtomicBoolean found = new AtomicBoolean();
        store.forEachRecord(Table.PUBLISHED, (key, value) -> {
            if (PublishedPath.decode(value).manifest().equals(manifest)) {
                found.set(true);
            }
        });
        return found.get();
    }

    /** Remembers a path; returns when that is durable. */
    void put(Digest digest, PublishedPath path) throws IOException {
        write(digest, path.encode());
    }

    /** Forgets a path; returns when that is durable. */
    void remove(Digest digest) throws IOException {
        write(digest, null);
    }

    private void write(Digest digest, byte @Nullable [] value) throws IOException {
        DurableWrite.of(store, List.of(new Entry(Table.PUBLISHED, digest.bytes(), value)));
        store.pathChanged(digest);
    }
}
