package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.Recipe;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.FileTree;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.strip.HoleTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The making of one {@link NarDag}. */
final class NarDagBuilder {

    /** Fewest leaves without digests that have a node of their own. */
    private static final int MIN_RUN = 4;

    private final StoredNar nar;
    private final Recipe recipe;
    private final HoleTable holes;
    private final int maxNodeBytes;
    private final FileTree.Builder tree = new FileTree.Builder(NarDag.MAX_LINKS);
    private final List<Child> run = new ArrayList<>();
    private FileTree.@Nullable Builder longRun;
    private long leaves;

    NarDagBuilder(StoredNar nar, int maxNodeBytes) {
        this.nar = nar;
        this.recipe = nar.recipe();
        this.holes = recipe.holes();
        this.maxNodeBytes = maxNodeBytes;
    }

    NarDag build() throws IOException {
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
            longRun = new FileTree.Builder(NarDag.MAX_LINKS);
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
