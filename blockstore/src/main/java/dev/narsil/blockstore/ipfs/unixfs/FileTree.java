package dev.narsil.blockstore.ipfs.unixfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import java.util.ArrayList;
import java.util.List;

/** A UnixFS file as a dag-pb node and the nodes below it. Immutable. Of leaves it knows what the nodes say. */
public final class FileTree {

    private final Child child;
    private final byte[] block;
    private final List<FileTree> below;
    private final int nodes;
    private final long nodeBytes;

    private FileTree(List<Child> children, List<FileTree> below) {
        UnixFsFile file = UnixFsFile.of(children);
        this.block = file.encode();
        this.below = List.copyOf(below);
        long tsize = block.length;
        for (Child part : children) {
            tsize = Math.addExact(tsize, part.tsize());
        }
        this.child = new Child(Cid.hash(Codec.DAG_PB, block), tsize, file.size());
        this.nodes = 1 + below.stream().mapToInt(FileTree::nodes).sum();
        this.nodeBytes =
                block.length + below.stream().mapToLong(FileTree::nodeBytes).sum();
    }

    /** What a link to the file says. */
    public Child child() {
        return child;
    }

    /** The bytes of the node: shared, not to be written to. */
    public byte[] block() {
        return block;
    }

    /** Those of its children that are nodes, in order. */
    public List<FileTree> below() {
        return below;
    }

    /** Number of nodes, this one and all below. */
    public int nodes() {
        return nodes;
    }

    /** Bytes of all these nodes. */
    public long nodeBytes() {
        return nodeBytes;
    }

    /**
     * Makes a balanced tree of children given in order: each node but the last of its level has as many children as
     * it may, and all of those given are equally deep. Holds the nodes that are full, and the children of the one
     * that is not.
     */
    public static final class Builder {

        private final int maxLinks;
        private final List<FileTree> full = new ArrayList<>();
        private final List<Child> children = new ArrayList<>();
        private final List<FileTree> below = new ArrayList<>();
        private long nodeBytes;

        /** A builder of a tree whose nodes have at most {@code maxLinks} children. */
        public Builder(int maxLinks) {
            if (maxLinks < 2 || maxLinks > PbNode.MAX_LINKS) {
                throw new IllegalArgumentException("a node has 2 to " + PbNode.MAX_LINKS + " links: " + maxLinks);
            }
            this.maxLinks = maxLinks;
        }

        /** Adds the next child, a leaf. */
        public void add(Child leaf) {
            children.add(leaf);
            endFullNode();
        }

        /** Adds the next child, a tree. */
        public void add(FileTree tree) {
            children.add(tree.child());
            below.add(tree);
            nodeBytes += tree.nodeBytes();
            endFullNode();
        }

        /** Bytes of the nodes so far, made or added. */
        public long nodeBytes() {
            return nodeBytes;
        }

        /** Returns the tree of the children added: of one that is a tree, that; of one leaf or none, a node of it. */
        public FileTree finish() {
            if (full.isEmpty() && children.size() == 1 && below.size() == 1) {
                return below.getFirst();
            }
            if (!children.isEmpty() || full.isEmpty()) {
                endNode();
            }
            List<FileTree> level = full;
            while (level.size() > 1) {
                level = parents(level);
            }
            return level.getFirst();
        }

        private void endFullNode() {
            if (children.size() == maxLinks) {
                endNode();
            }
        }

        private void endNode() {
            FileTree node = new FileTree(children, below);
            full.add(node);
            nodeBytes += node.block.length;
            children.clear();
            below.clear();
        }

        private List<FileTree> parents(List<FileTree> level) {
            List<FileTree> parents = new ArrayList<>();
            for (int i = 0; i < level.size(); i += maxLinks) {
                List<FileTree> group = level.subList(i, Math.min(i + maxLinks, level.size()));
                parents.add(new FileTree(group.stream().map(FileTree::child).toList(), group));
            }
            return parents;
        }
    }
}
