package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.FileTree;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One walk over all blocks of a {@link NarDag}. */
final class NarDagWalk {

    /** Leaves that are noted before those among them that are wanted are read. */
    private static final int READ_LEAVES = 1024;

    /** Leaves that are wanted and lie as near are read in one go, with what is between them. */
    private static final int READ_THROUGH = 64 << 10;

    private final StoredNar nar;
    private final NarDag.Visitor visitor;
    private final Set<Cid> seenNodes = new HashSet<>();
    private final Set<Sha256> seenLeaves = new HashSet<>();
    private final List<Wanted> wanted = new ArrayList<>();

    /** A leaf that is to be read. */
    private record Wanted(Cid cid, long offset, int length) {

        long end() {
            return offset + length;
        }
    }

    NarDagWalk(StoredNar nar, NarDag.Visitor visitor) {
        this.nar = nar;
        this.visitor = visitor;
    }

    /** Goes over all of a tree. */
    void walk(FileTree tree) throws IOException {
        walk(tree, 0);
        read();
    }

    /** Goes down a tree whose first byte is at {@code from} in the NAR. It is a few nodes deep, whatever the NAR. */
    private void walk(FileTree tree, long from) throws IOException {
        Cid cid = tree.child().cid();
        if (!seenNodes.add(cid)) {
            return;
        }
        if (visitor.wants(cid)) {
            visitor.block(cid, tree.block(), 0, tree.block().length);
        }
        long position = from;
        int below = 0;
        for (Child child : children(tree.block())) {
            if (child.cid().codec() == Codec.DAG_PB) {
                walk(tree.below().get(below++), position);
            } else {
                leaf(child, position);
            }
            position += child.size();
        }
    }

    static List<Child> children(byte[] node) {
        try {
            return UnixFsFile.decode(node).children();
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
    private void read() throws IOException {
        int next = 0;
        while (next < wanted.size()) {
            int end = next + 1;
            while (end < wanted.size()
                    && wanted.get(end).offset() - wanted.get(end - 1).end() <= READ_THROUGH) {
                end++;
            }
            long from = wanted.get(next).offset();
            try (NarCursor cursor = new NarCursor(nar, from, wanted.get(end - 1).end() - from)) {
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
