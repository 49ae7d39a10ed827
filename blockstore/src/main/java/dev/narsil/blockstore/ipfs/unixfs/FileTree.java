package dev.narsil.blockstore.ipfs.unixfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import java.util.ArrayList;
import java.util.List;

/**
 * The dag-pb nodes of a balanced UnixFS file: each but the last of its level has as many children as it may, and all leaves are
 * equally deep. There is at least one node, so that the root is one even of a file of one leaf or none.
 */
public final class FileTree {

    private final int maxLinks;
    private final List<List<Node>> levels;

    private FileTree(int maxLinks, List<List<Node>> levels) {
        this.maxLinks = maxLinks;
        this.levels = levels;
    }

    /**
     * A node as a child, and its block.
     *
     * @param child what links to it say
     * @param block its bytes; shared, not to be written to
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Node(Child child, byte[] block) {

        private static Node of(List<Child> children) {
            UnixFsFile file = UnixFsFile.of(children);
            byte[] block = file.encode();
            long tsize = block.length;
            for (Child child : children) {
                tsize = Math.addExact(tsize, child.tsize());
            }
            return new Node(new Child(Cid.hash(Codec.DAG_PB, block), tsize, file.size()), block);
        }
    }

    /** Makes a tree of leaves given in order. Holds the nodes that are full, and the children of the one that is not. */
    public static final class Builder {

        private final int maxLinks;
        private final List<Node> nodes = new ArrayList<>();
        private final List<Child> children = new ArrayList<>();
        private long nodeBytes;

        /** A builder of a tree whose nodes have at most {@code maxLinks} children. */
        public Builder(int maxLinks) {
            if (maxLinks < 2 || maxLinks > PbNode.MAX_LINKS) {
                throw new IllegalArgumentException("a node has 2 to " + PbNode.MAX_LINKS + " links: " + maxLinks);
            }
            this.maxLinks = maxLinks;
        }

        /** Adds the next leaf. */
        public void add(Child leaf) {
            children.add(leaf);
            if (children.size() == maxLinks) {
                endNode();
            }
        }

        /** Bytes of the nodes made so far. */
        public long nodeBytes() {
            return nodeBytes;
        }

        /** Returns the tree of the leaves added. */
        public FileTree finish() {
            if (!children.isEmpty() || nodes.isEmpty()) {
                endNode();
            }
            List<List<Node>> levels = new ArrayList<>();
            levels.add(List.copyOf(nodes));
            while (levels.getLast().size() > 1) {
                levels.add(parents(levels.getLast()));
            }
            return new FileTree(maxLinks, List.copyOf(levels));
        }

        private void endNode() {
            Node node = Node.of(children);
            nodes.add(node);
            nodeBytes += node.block().length;
            children.clear();
        }

        private List<Node> parents(List<Node> level) {
            List<Node> parents = new ArrayList<>();
            for (int i = 0; i < level.size(); i += maxLinks) {
                parents.add(Node.of(level.subList(i, Math.min(i + maxLinks, level.size())).stream()
                        .map(Node::child)
                        .toList()));
            }
            return List.copyOf(parents);
        }
    }

    /** The node above all. */
    public Node root() {
        return levels.getLast().getFirst();
    }

    /** The nodes right above leaves, in order. */
    public List<Node> lowest() {
        return levels.getFirst();
    }

    /** Number of nodes. */
    public int nodes() {
        return levels.stream().mapToInt(List::size).sum();
    }

    /**
     * The nodes that come, going depth first, after all that is below node {@code index - 1} of {@link #lowest()}: those above node
     * {@code index} whose first leaf is also its first, from the top down, and that node itself.
     */
    public List<Node> entering(int index) {
        List<Node> entered = new ArrayList<>();
        int i = index;
        for (List<Node> level : levels) {
            entered.addFirst(level.get(i));
            if (i % maxLinks != 0) {
                break;
            }
            i /= maxLinks;
        }
        return entered;
    }
}
