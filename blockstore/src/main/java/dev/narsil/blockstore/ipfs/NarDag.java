package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.Recipe;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.FileTree;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.strip.HoleTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A NAR as a UnixFS file, by the rule of {@link dev.narsil.blockstore.ipfs}. Immutable. Holds the nodes, some 50 bytes for a leaf,
 * and no leaves: those that are blocks of the store are named by the recipe, and the others are cut out of the NAR when they are
 * asked for.
 */
public final class NarDag {

    /** Most links of a node. */
    public static final int MAX_LINKS = 1024;

    /** Fewest leaves without digests that have a node of their own. */
    static final int MIN_RUN = 4;

    /** Leaves that are noted before those among them that are wanted are read. */
    private static final int READ_LEAVES = 1024;

    /** Most bytes of the nodes together, which bounds the memory they take: some 40 GB of ordinary content. */
    private static final int MAX_NODE_BYTES = 64 << 20;

    /** Leaves that are wanted and lie as near are read in one go, with what is between them. */
    private static final int READ_THROUGH = 64 << 10;

    private final Sha256 narHash;
    private final FileTree tree;
    private final long leaves;

    private NarDag(Sha256 narHash, FileTree tree, long leaves) {
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

    /** A leaf that is to be read. */
    private record Wanted(Cid cid, long offset, int length) {

        long end() {
            return offset + length;
        }
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
        return new Build(nar, maxNodeBytes).run();
    }

    /** The making of one DAG. */
    private static final class Build {
        private final StoredNar nar;
        private final Recipe recipe;
        private final HoleTable holes;
        private final int maxNodeBytes;
        private final FileTree.Builder tree = new FileTree.Builder(MAX_LINKS);
        private final List<Child> run = new ArrayList<>();
        private FileTree.@Nullable Builder longRun;
        private long leaves;

        Build(StoredNar nar, int maxNodeBytes) {
            this.nar = nar;
            this.recipe = nar.recipe();
            this.holes = recipe.holes();
            this.maxNodeBytes = maxNodeBytes;
        }

        NarDag run() throws IOException {
            long position = 0;
            int block = 0;
            while (block < recipe.blocks()) {
                int end = block;
                long endPosition = position;
                while (end < recipe.blocks() && hasHoles(endPosition, recipe.length(end))) {
                    endPosition += recipe.length(end++);
                }
                if (end > block) {
                    addCut(block, position, endPosition);
                } else {
                    addPlain(Child.leaf(Cid.of(Codec.RAW, recipe.id(block)), recipe.length(block)));
                    endPosition += recipe.length(end++);
                }
                block = end;
                position = endPosition;
            }
            endRun();
            return new NarDag(nar.narHash(), tree.finish(), leaves);
        }

        private boolean hasHoles(long position, int length) {
            int hole = holes.firstEndingAfter(position);
            return hole < holes.size() && holes.offset(hole) < position + length;
        }

        /** Adds the leaves of the blocks with holes from {@code block} on that lie between two offsets in the NAR. */
        private void addCut(int block, long from, long to) throws IOException {
            try (NarCursor cursor = new NarCursor(nar, from, to - from)) {
                int next = block;
                for (long position = from; position < to; position += recipe.length(next++)) {
                    int length = recipe.length(next);
                    NarSlice bytes = cursor.take(position, length);
                    new LeafCuts(sink(bytes)).cut(holes, position, length);
                }
            }
        }

        private LeafCuts.Sink sink(NarSlice block) {
            return new LeafCuts.Sink() {
                @Override
                public void plain(int offset, int length) throws StoreException {
                    addPlain(raw(offset, length));
                }

                @Override
                public void dense(int offset, int length) throws StoreException {
                    addOwn(raw(offset, length));
                }

                @Override
                public void inline(int offset, int length) throws StoreException {
                    addOwn(Child.leaf(Cid.identity(block.array(), block.offset() + offset, length), length));
                }

                private Child raw(int offset, int length) {
                    Sha256 hash = Sha256.hash(block.array(), block.offset() + offset, length);
                    return Child.leaf(Cid.of(Codec.RAW, hash), length);
                }
            };
        }

        /** Adds a leaf that all rebuilds have. */
        private void addPlain(Child leaf) throws StoreException {
            leaves++;
            if (longRun == null && run.size() == MIN_RUN - 1) {
                longRun = new FileTree.Builder(MAX_LINKS);
                run.forEach(longRun::add);
                run.clear();
            }
            if (longRun == null) {
                run.add(leaf);
            } else {
                longRun.add(leaf);
                requireMemory(tree.nodeBytes() + longRun.nodeBytes());
            }
        }

        /** Adds a leaf that holds digests. */
        private void addOwn(Child leaf) throws StoreException {
            endRun();
            leaves++;
            tree.add(leaf);
            requireMemory(tree.nodeBytes());
        }

        private void endRun() {
            if (longRun != null) {
                tree.add(longRun.finish());
                longRun = null;
            }
            run.forEach(tree::add);
            run.clear();
        }

        private void requireMemory(long nodeBytes) throws StoreException {
            if (nodeBytes > maxNodeBytes) {
                throw new StoreException(
                        StoreException.Kind.FAILED,
                        nar.narHash() + " cannot be made a UnixFS file: its nodes would take more than " + maxNodeBytes
                                + " bytes");
            }
        }
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

    /**
     * Gives the blocks to {@code visitor}, each once, a node before what is below it, and otherwise nearly in the order of the NAR. Leaves
     * that are identity CIDs are in the node and not given. Of a NAR whose leaves are all published already, nothing is read.
     *
     * @param nar the NAR this was made of
     * @throws IOException what reading the store gives, or the visitor throws
     */
    public void visit(StoredNar nar, Visitor visitor) throws IOException {
        if (!nar.narHash().equals(narHash)) {
            throw new IllegalArgumentException("the DAG is of " + narHash + ", not of " + nar.narHash());
        }
        Walk walk = new Walk(nar, visitor);
        walk.walk(tree, 0);
        walk.read();
    }

    /** One walk over all blocks. */
    private static final class Walk {
        private final StoredNar nar;
        private final Visitor visitor;
        private final Set<Cid> seenNodes = new HashSet<>();
        private final Set<Sha256> seenLeaves = new HashSet<>();
        private final List<Wanted> wanted = new ArrayList<>();

        Walk(StoredNar nar, Visitor visitor) {
            this.nar = nar;
            this.visitor = visitor;
        }

        /** Goes down a tree whose first byte is at {@code from} in the NAR. It is a few nodes deep, whatever the NAR. */
        void walk(FileTree tree, long from) throws IOException {
            Cid cid = tree.child().cid();
            if (!seenNodes.add(cid)) {
                return;
            }
            if (visitor.wants(cid)) {
                visitor.block(cid, tree.block(), 0, tree.block().length);
            }
            long position = from;
            int below = 0;
            for (Child child : children(tree)) {
                if (child.cid().codec() == Codec.DAG_PB) {
                    walk(tree.below().get(below++), position);
                } else {
                    leaf(child, position);
                }
                position += child.size();
            }
        }

        private static List<Child> children(FileTree tree) {
            try {
                return UnixFsFile.decode(tree.block()).children();
            } catch (FormatException e) {
                throw new IllegalStateException("a node that was just made cannot be read", e);
            }
        }

        private void leaf(Child leaf, long position) throws IOException {
            Cid cid = leaf.cid();
            if (cid.sha256().filter(seenLeaves::add).isPresent() && visitor.wants(cid)) {
                wanted.add(new Wanted(cid, position, (int) leaf.size()));
                if (wanted.size() == READ_LEAVES) {
                    read();
                }
            }
        }

        /** Reads the leaves that are wanted and gives them to the visitor. */
        void read() throws IOException {
            int next = 0;
            while (next < wanted.size()) {
                int end = next + 1;
                while (end < wanted.size()
                        && wanted.get(end).offset() - wanted.get(end - 1).end() <= READ_THROUGH) {
                    end++;
                }
                long from = wanted.get(next).offset();
                try (NarCursor cursor =
                        new NarCursor(nar, from, wanted.get(end - 1).end() - from)) {
                    for (; next < end; next++) {
                        Wanted leaf = wanted.get(next);
                        NarSlice bytes = cursor.take(leaf.offset(), leaf.length());
                        visitor.block(leaf.cid(), bytes.array(), bytes.offset(), bytes.length());
                    }
                }
            }
            wanted.clear();
        }
    }
}
