package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Blocks as a CAR of version 1 with one root, block after block in a given order. Its bytes are the same whenever it is asked for,
 * so it has a length and can be sent from any offset.
 */
final class CarFile implements NarFile {

    static final String TYPE = "application/vnd.ipld.car";

    private static final String CONTENT_TYPE = TYPE + "; version=1; order=dfs; dups=n";

    private final Cid root;
    private final String scope;
    private final byte[] header;
    private final List<Block> blocks;
    private final Source source;
    private final long size;

    /** A block of it. */
    record Block(Cid cid, int length) {}

    /** Where the bytes of the blocks come from. */
    interface Source {

        /** Opens it; empty if the blocks are not there any more. */
        Optional<Blocks> open() throws IOException, InterruptedException;
    }

    /** The bytes of blocks. Not safe for use by several threads. */
    interface Blocks extends AutoCloseable {

        /** Returns the bytes of a block, compared with its CID. */
        byte[] read(Cid cid) throws IOException;

        @Override
        void close();
    }

    /**
     * The CAR of some blocks.
     *
     * @param scope which part of the DAG below the root this is, by the name that the specification has for it
     * @param blocks each once; those that are identity CIDs are left out
     */
    CarFile(Cid root, String scope, List<Block> blocks, Source source) throws IOException {
        this.root = root;
        this.scope = scope;
        this.blocks = blocks.stream().filter(block -> !block.cid().isIdentity()).toList();
        this.source = source;
        ByteArrayOutputStream start = new ByteArrayOutputStream();
        var _ = new CarWriter(start, List.of(root));
        this.header = start.toByteArray();
        long bytes = header.length;
        for (Block block : this.blocks) {
            bytes += sectionLength(block);
        }
        this.size = bytes;
    }

    private static long sectionLength(Block block) {
        return CarWriter.sectionLength(block.cid(), block.length());
    }

    @Override
    public CharSequence contentType() {
        return CONTENT_TYPE;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public EntityTag tag() {
        return EntityTag.ofCar(root, scope);
    }

    @Override
    public Optional<NarBody> open(long from, long length) throws IOException, InterruptedException {
        return source.open().map(opened -> new Body(opened, from, length));
    }

    private final class Body implements NarBody {

        private final Blocks opened;
        private final long length;
        private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        private int next;
        private long skip;
        private long left;
        private boolean begun;

        Body(Blocks opened, long from, long length) {
            this.opened = opened;
            this.length = length;
            this.skip = from;
            this.left = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public @Nullable NarSlice next() throws IOException {
            while (left > 0) {
                byte[] bytes = section();
                if (skip < bytes.length) {
                    int count = (int) Math.min(bytes.length - skip, left);
                    NarSlice slice = new NarSlice(bytes, (int) skip, count);
                    skip = 0;
                    left -= count;
                    return slice;
                }
                skip -= bytes.length;
            }
            return null;
        }

        /** Returns the header, and then the sections of the blocks, but for those that are skipped as a whole. */
        private byte[] section() throws IOException {
            if (!begun) {
                begun = true;
                return header;
            }
            while (skip >= sectionLength(blocks.get(next))) {
                skip -= sectionLength(blocks.get(next++));
            }
            Cid cid = blocks.get(next++).cid();
            byte[] block = opened.read(cid);
            buffer.reset();
            CarWriter.section(buffer, cid, block, 0, block.length);
            return buffer.toByteArray();
        }

        @Override
        public void close() {
            opened.close();
        }
    }
}
