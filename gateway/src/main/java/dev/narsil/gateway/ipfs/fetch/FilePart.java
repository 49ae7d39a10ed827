package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A part of a UnixFS file: a leaf, or a node whose parts are not known yet. Used by one thread. */
final class FilePart {

    /** Nodes above a leaf; the files of {@link dev.narsil.blockstore.ipfs} have at most some six. */
    static final int MAX_DEPTH = 16;

    private final Cid cid;
    private final long size;
    private final int depth;
    private @Nullable Future<byte[]> block;

    private FilePart(Cid cid, long size, int depth, @Nullable Future<byte[]> block) {
        this.cid = cid;
        this.size = size;
        this.depth = depth;
        this.block = block;
    }

    /**
     * A part that a node names.
     *
     * @param size bytes of the file that it is said to be
     * @param depth nodes above it
     * @throws IOException if it cannot be a part of a file
     */
    static FilePart of(Cid cid, long size, int depth) throws IOException {
        if (cid.codec() == Codec.DAG_CBOR) {
            throw new IOException(cid + " is no part of a file");
        }
        if (depth > MAX_DEPTH) {
            throw new IOException("there are more than " + MAX_DEPTH + " nodes above " + cid);
        }
        if (cid.codec() == Codec.RAW && size > CarWriter.MAX_BLOCK_BYTES) {
            throw new IOException("the block " + cid + " is said to have " + size + " bytes");
        }
        return new FilePart(
                cid, size, depth, cid.isIdentity() ? CompletableFuture.completedFuture(cid.digest()) : null);
    }

    /** Bytes that are here already. */
    static FilePart here(Cid owner, byte[] bytes) {
        return new FilePart(owner, bytes.length, -1, CompletableFuture.completedFuture(bytes));
    }

    Cid cid() {
        return cid;
    }

    /** Bytes of the file. */
    long size() {
        return size;
    }

    int depth() {
        return depth;
    }

    boolean isNode() {
        return depth >= 0 && cid.codec() == Codec.DAG_PB;
    }

    /** Whether the node that names it has its bytes, so that there is no block to ask for. */
    boolean isInNode() {
        return depth < 0 || cid.isIdentity();
    }

    /** The block on its way or here, or null if it was not asked for. */
    @Nullable
    Future<byte[]> block() {
        return block;
    }

    /** Whether it is a node whose block is here. */
    boolean isHereAsNode() {
        Future<byte[]> asked = block;
        return isNode() && asked != null && asked.state() == Future.State.SUCCESS;
    }

    /** The block, which is here. */
    byte[] bytesHere() {
        return Objects.requireNonNull(block).resultNow();
    }

    void asked(Future<byte[]> asked) {
        block = asked;
    }

    /** Returns what it says as a node, which must be a file of the size that was stated. */
    UnixFsFile node(byte[] bytes) throws IOException {
        UnixFsFile file = UnixFsFile.decode(bytes);
        if (file.size() != size) {
            throw new IOException("the file " + cid + " has " + file.size() + " bytes, not " + size);
        }
        return file;
    }

    /** Checks the bytes of a leaf. */
    byte[] leaf(byte[] bytes) throws IOException {
        if (bytes.length != size) {
            throw new IOException("the block " + cid + " has " + bytes.length + " bytes, not " + size);
        }
        return bytes;
    }
}
