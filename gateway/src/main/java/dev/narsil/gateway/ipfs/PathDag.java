package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.NarDag;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The blocks of a stored path: its manifest and, below it, its NAR. It holds the NAR open until it is closed. */
public final class PathDag implements AutoCloseable {

    private final StoredNar stored;
    private final NarDag nar;
    private final byte[] manifest;
    private final Cid cid;

    private PathDag(StoredNar stored, NarDag nar, byte[] manifest) {
        this.stored = stored;
        this.nar = nar;
        this.manifest = manifest;
        this.cid = Manifest.cid(manifest);
    }

    /**
     * Works out the blocks of a path.
     *
     * @throws StoreException ABSENT if its NAR is not stored; FAILED if the NAR or the manifest is too large
     */
    public static PathDag open(NarStore store, PathInfo info) throws IOException {
        StoredNar stored = store.openStored(info.narHash())
                .orElseThrow(() ->
                        new StoreException(StoreException.Kind.ABSENT, "the NAR of " + info.path() + " is not stored"));
        boolean opened = false;
        try {
            NarDag nar = NarDag.of(stored);
            PathDag dag = new PathDag(stored, nar, manifest(store, info, nar.root()));
            opened = true;
            return dag;
        } finally {
            if (!opened) {
                stored.close();
            }
        }
    }

    /** Returns the CID that the manifest of a path has, of which the NAR has this root. */
    static Cid manifestCid(NarStore store, PathInfo info, Cid nar) throws StoreException {
        return Manifest.cid(manifest(store, info, nar));
    }

    private static byte[] manifest(NarStore store, PathInfo info, Cid nar) throws StoreException {
        try {
            return Manifest.of(store.storeDir(), info, nar).encode();
        } catch (IllegalArgumentException e) {
            throw new StoreException(StoreException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    /** CID of the manifest. */
    public Cid manifest() {
        return cid;
    }

    /** CID of the UnixFS file that is the NAR. */
    public Cid nar() {
        return nar.root();
    }

    /** Length of the NAR in bytes. */
    long narSize() {
        return nar.narSize();
    }

    /** Lists all blocks, each once, without reading them: some 100 bytes of memory each. */
    public List<Cid> blocks() throws IOException {
        List<Cid> blocks = new ArrayList<>();
        visit(new NarDag.Visitor() {
            @Override
            public boolean wants(Cid block) {
                blocks.add(block);
                return false;
            }

            @Override
            public void block(Cid block, byte[] buffer, int off, int length) {
                throw new IllegalStateException("a block that was not wanted: " + block);
            }
        });
        return blocks;
    }

    /** Gives the blocks to {@code visitor}, as {@link NarDag#visit} does, the manifest first. */
    void visit(NarDag.Visitor visitor) throws IOException {
        if (visitor.wants(cid)) {
            visitor.block(cid, manifest, 0, manifest.length);
        }
        nar.visit(stored, visitor);
    }

    @Override
    public void close() {
        stored.close();
    }
}
