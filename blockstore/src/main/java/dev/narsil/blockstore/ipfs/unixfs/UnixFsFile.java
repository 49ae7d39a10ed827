package dev.narsil.blockstore.ipfs.unixfs;

import dev.narsil.blockstore.codec.ByteReader;
import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of UnixFS that is more than a raw block, as {@link dev.narsil.blockstore.ipfs.unixfs} specifies it: contents
 * of its own, usually none, and then those of its children.
 *
 * @param contents what comes before the children; shared, not to be written to
 * @param children the files that follow, in order
 */
@SuppressWarnings("ArrayRecordComponent")
public record UnixFsFile(byte[] contents, List<Child> children) {

    private static final String WHAT = "UnixFS file";
    private static final int TYPE = 0x08;
    private static final int CONTENTS = 0x12;
    private static final int SIZE = 0x18;
    private static final int BLOCK_SIZE = 0x20;
    private static final int TYPE_FILE = 2;
    private static final byte[] NONE = {};

    /**
     * A file within a file.
     *
     * @param cid a raw block, or a UnixFS file in turn
     * @param tsize bytes of the blocks it is made of
     * @param size bytes of the file
     */
    public record Child(Cid cid, long tsize, long size) {

        public Child {
            if (tsize < 0 || size < 0) {
                throw new IllegalArgumentException("negative size: Tsize " + tsize + ", size " + size);
            }
        }

        /** The raw block of {@code size} bytes with this CID. */
        public static Child leaf(Cid cid, long size) {
            return new Child(cid, size, size);
        }
    }

    public UnixFsFile {
        children = List.copyOf(children);
    }

    /** The file made of these, one after the other. */
    public static UnixFsFile of(List<Child> children) {
        return new UnixFsFile(NONE, children);
    }

    /**
     * Size of the file in bytes.
     *
     * @throws ArithmeticException if it is no long
     */
    public long size() {
        long size = contents.length;
        for (Child child : children) {
            size = Math.addExact(size, child.size());
        }
        return size;
    }

    /** Returns the bytes of the block, a dag-pb node. */
    public byte[] encode() {
        ByteWriter data = new ByteWriter().u8(TYPE).u8(TYPE_FILE);
        if (contents.length > 0) {
            data.u8(CONTENTS).varint(contents.length).bytes(contents);
        }
        data.u8(SIZE).varint(size());
        List<PbLink> links = new ArrayList<>(children.size());
        for (Child child : children) {
            data.u8(BLOCK_SIZE).varint(child.size());
            links.add(new PbLink(child.cid(), null, child.tsize()));
        }
        return new PbNode(links, data.toByteArray()).encode();
    }

    /**
     * Reads the bytes of a block, a dag-pb node.
     *
     * @throws FormatException if they are anything else
     */
    public static UnixFsFile decode(byte[] bytes) throws FormatException {
        PbNode node = PbNode.decode(bytes);
        byte[] data = node.data();
        if (data == null) {
            throw new FormatException("UnixFS file is corrupt: the node has no data");
        }
        ByteReader reader = new ByteReader(WHAT, data);
        if (reader.u8() != TYPE) {
            throw reader.corrupt("it does not begin with its type");
        }
        long type = reader.varint();
        if (type != TYPE_FILE) {
            throw reader.corrupt("it is of type " + type + ", not a file");
        }
        int field = reader.u8();
        byte[] contents = NONE;
        if (field == CONTENTS) {
            contents = reader.bytes(reader.count(1));
            field = reader.u8();
        }
        if (field != SIZE) {
            throw reader.corrupt("field 0x" + Integer.toHexString(field) + " stands where the size belongs");
        }
        long size = reader.varint();
        List<Child> children = new ArrayList<>(node.links().size());
        long left = size - contents.length;
        for (PbLink link : node.links()) {
            Child child = child(reader, link);
            if (child.size() > left) {
                throw reader.corrupt("its parts have more than " + size + " bytes together");
            }
            left -= child.size();
            children.add(child);
        }
        if (left != 0) {
            throw reader.corrupt("its parts do not have " + size + " bytes together");
        }
        reader.finish();
        return new UnixFsFile(contents, children);
    }

    private static Child child(ByteReader reader, PbLink link) throws FormatException {
        if (link.name() != null && !link.name().isEmpty()) {
            throw reader.corrupt("a link has a name");
        }
        if (reader.peek() != BLOCK_SIZE) {
            throw reader.corrupt("it has not one size for each link");
        }
        reader.skip(1);
        long size = reader.varint();
        return new Child(link.cid(), link.tsize(), size);
    }
}
