package dev.narsil.blockstore.ipfs.car;

import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.dagcbor.CborWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Writes a CAR to a stream, block by block, with two small writes and one of the block for each. Not safe for use by
 * several threads.
 */
public final class CarWriter {

    /** Most bytes of a block: what other nodes of the network take. */
    public static final int MAX_BLOCK_BYTES = 2 << 20;

    private final OutputStream out;
    private long blocks;
    private long blockBytes;

    /**
     * Writes the header.
     *
     * @throws IllegalArgumentException if there is no root
     */
    public CarWriter(OutputStream out, List<Cid> roots) throws IOException {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("a CAR has a root");
        }
        this.out = out;
        CborWriter header = new CborWriter().map(2).key("roots").array(roots.size());
        roots.forEach(header::link);
        byte[] bytes = header.key("version").integer(1).finish();
        out.write(new ByteWriter().varint(bytes.length).bytes(bytes).toByteArray());
    }

    /**
     * Writes the block of the {@code length} bytes at {@code off}, which the caller knows to be that of {@code cid};
     * nothing if the CID is itself the block.
     *
     * @throws IllegalArgumentException if it has more than {@link #MAX_BLOCK_BYTES}
     */
    public void block(Cid cid, byte[] block, int off, int length) throws IOException {
        if (length > MAX_BLOCK_BYTES) {
            throw new IllegalArgumentException("a block of " + length + " bytes");
        }
        if (cid.isIdentity()) {
            return;
        }
        section(out, cid, block, off, length);
        blocks++;
        blockBytes += length;
    }

    /** Writes what a CAR has of a block, which the caller knows to be that of {@code cid} and not too long. */
    public static void section(OutputStream out, Cid cid, byte[] block, int off, int length) throws IOException {
        ByteWriter head = new ByteWriter().varint(cid.length() + length);
        cid.writeTo(head);
        out.write(head.toByteArray());
        out.write(block, off, length);
    }

    /** Returns how many bytes a CAR has of a block of {@code length} bytes. */
    public static long sectionLength(Cid cid, int length) {
        long section = (long) cid.length() + length;
        return ByteWriter.varintLength(section) + section;
    }

    /** Number of blocks written. */
    public long blocks() {
        return blocks;
    }

    /** Bytes of the blocks written, without their CIDs. */
    public long blockBytes() {
        return blockBytes;
    }
}
