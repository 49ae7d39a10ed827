package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.FileTree;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The blocks of a {@link NarDag} by their CIDs: the nodes, and where in the NAR each raw leaf is. Safe for use by many
 * threads. Leaves that are identity CIDs are not among them.
 */
public final class NarBlocks {

    private static final int BASE_BYTES = 1024;

    /** What an entry of a map takes, with its key and its value. */
    private static final int ENTRY_BYTES = 160;

    private final Sha256 narHash;
    private final Cid root;
    private final long weight;
    private final Map<Sha256, byte[]> nodes = new HashMap<>();
    private final Map<Sha256, Place> leaves = new HashMap<>();

    private record Place(long offset, int length) {}

    NarBlocks(Sha256 narHash, FileTree tree) {
        this.narHash = narHash;
        this.root = tree.child().cid();
        add(tree, 0);
        this.weight = BASE_BYTES + tree.nodeBytes() + (long) ENTRY_BYTES * (nodes.size() + leaves.size());
    }

    private void add(FileTree tree, long from) {
        if (nodes.put(digest(tree.child().cid()), tree.block()) != null) {
            return;
        }
        long position = from;
        int below = 0;
        for (Child child : NarDagWalk.children(tree.block())) {
            if (child.cid().codec() == Codec.DAG_PB) {
                add(tree.below().get(below++), position);
            } else if (!child.cid().isIdentity()) {
                leaves.putIfAbsent(digest(child.cid()), new Place(position, (int) child.size()));
            }
            position += child.size();
        }
    }

    private static Sha256 digest(Cid cid) {
        return cid.sha256().orElseThrow();
    }

    /** Hash of the NAR. */
    public Sha256 narHash() {
        return narHash;
    }

    /** CID of the file: the NAR. */
    public Cid root() {
        return root;
    }

    /** Roughly the bytes of memory this takes. */
    public long weight() {
        return weight;
    }

    /** Returns the length of a block in bytes; empty if the NAR has no such block. */
    public Optional<Integer> length(Cid cid) {
        if (cid.isIdentity()) {
            return Optional.empty();
        }
        if (cid.codec() == Codec.RAW) {
            return Optional.ofNullable(leaves.get(digest(cid))).map(Place::length);
        }
        return cid.codec() == Codec.DAG_PB
                ? Optional.ofNullable(nodes.get(digest(cid))).map(node -> node.length)
                : Optional.empty();
    }

    /**
     * Lists a block and all below it, each once, a node before what is below it, and otherwise in the order of the NAR; empty if the
     * NAR has no such block.
     */
    public List<Cid> below(Cid cid) {
        if (length(cid).isEmpty()) {
            return List.of();
        }
        Set<Cid> listed = new LinkedHashSet<>();
        list(cid, listed);
        return List.copyOf(listed);
    }

    /** Goes down from a block: a few nodes deep, whatever the NAR. */
    private void list(Cid cid, Set<Cid> listed) {
        if (cid.isIdentity() || !listed.add(cid) || cid.codec() != Codec.DAG_PB) {
            return;
        }
        byte[] node = Objects.requireNonNull(nodes.get(digest(cid)));
        NarDagWalk.children(node).forEach(child -> list(child.cid(), listed));
    }

    /**
     * Returns a block, compared with its CID; empty if the NAR has none.
     *
     * @param nar the NAR this was made of
     * @throws StoreException CORRUPT if what is stored is not the block any more; or what reading the store gives
     */
    public Optional<byte[]> read(StoredNar nar, Cid cid) throws IOException {
        if (!nar.narHash().equals(narHash)) {
            throw new IllegalArgumentException("the blocks are of " + narHash + ", not of " + nar.narHash());
        }
        if (length(cid).isEmpty()) {
            return Optional.empty();
        }
        if (cid.codec() == Codec.DAG_PB) {
            return Optional.ofNullable(nodes.get(digest(cid))).map(byte[]::clone);
        }
        Place place = leaves.get(digest(cid));
        if (place == null || place.length() == 0) {
            return Optional.empty();
        }
        try (NarCursor cursor = new NarCursor(nar, place.offset(), place.length())) {
            NarSlice bytes = cursor.take(place.offset(), place.length());
            if (!cid.isOf(bytes.array(), bytes.offset(), bytes.length())) {
                throw new StoreException(
                        StoreException.Kind.CORRUPT, narHash + " has other bytes where the block " + cid + " was");
            }
            return Optional.of(Arrays.copyOfRange(bytes.array(), bytes.offset(), bytes.offset() + bytes.length()));
        }
    }
}
