package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.unixfs.FileTree;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;

/**
 * A NAR as a UnixFS file, by the rule of {@link dev.narsil.blockstore.ipfs}. Immutable. Holds the nodes, some 50
 * bytes for a leaf, and no leaves: those that are blocks of the store are named by the recipe, and the others are cut
 * out of the NAR when they are asked for.
 */
public final class NarDag {

    /** Most links of a node. */
    public static final int MAX_LINKS = 1024;

    /** Most bytes of the nodes together, which bounds the memory they take: some 40 GB of ordinary content. */
    private static final int MAX_NODE_BYTES = 64 << 20;

    private final Sha256 narHash;
    private final FileTree tree;
    private final long leaves;

    NarDag(Sha256 narHash, FileTree tree, long leaves) {
        this.narHash = narHash;
        this.tree = tree;
        this.leaves = leaves;
    }

    /** Chooses among the blocks and receives those chosen. */
    public interface Visitor {
        /** Tells whether a block is to be given to {@link #block}. Asked once for each. */
        boolean wants(Cid cid) throws IOException;

        /** Receives a block: {@code length} bytes of an array that is shared and not to be written to. */
        void block(Cid cid, byte[] buffer, int off, int length) throws IOException;
    }

    /**
     * Works out the nodes of a NAR. Reads and hashes its blocks that have holes, and no others.
     *
     * @throws StoreException FAILED if the nodes would take more than 64 MiB; or what reading the store gives
     */
    public static NarDag of(StoredNar nar) throws IOException {
        return of(nar, MAX_NODE_BYTES);
    }

    static NarDag of(StoredNar nar, int maxNodeBytes) throws IOException {
        return new NarDagBuilder(nar, maxNodeBytes).build();
    }

    /** CID of the file: the NAR. */
    public Cid root() {
        return tree.child().cid();
    }

    /** Hash of the NAR. */
    public Sha256 narHash() {
        return narHash;
    }

    /** Length of the NAR in bytes. */
    public long narSize() {
        return tree.child().size();
    }

    /** Bytes of all blocks, counted each time they are linked. */
    public long tsize() {
        return tree.child().tsize();
    }

    /** Number of nodes. */
    public int nodes() {
        return tree.nodes();
    }

    /** Number of leaves, counted each time they are linked, with those that are identity CIDs. */
    public long leaves() {
        return leaves;
    }

    /** Returns where each of its blocks is. */
    public NarBlocks blocks() {
        return new NarBlocks(narHash, tree);
    }

    /**
     * Gives the blocks to {@code visitor}, each once, a node before what is below it, and otherwise nearly in the
     * order of the NAR. Leaves that are identity CIDs are in the node and not given. Of a NAR whose leaves are all
     * published already, nothing is read.
     *
     * @param nar the NAR this was made of
     * @throws IOException what reading the store gives, or the visitor throws
     */
    public void visit(StoredNar nar, Visitor visitor) throws IOException {
        if (!nar.narHash().equals(narHash)) {
            throw new IllegalArgumentException("the DAG is of " + narHash + ", not of " + nar.narHash());
        }
        new NarDagWalk(nar, visitor).walk(tree);
    }
}
