package dev.narsil.blockstore.ipfs.unixfs;

import dev.narsil.blockstore.codec.ByteReader;
import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of dag-pb, as {@link dev.narsil.blockstore.ipfs.unixfs} specifies it.
 *
 * @param links its links, in order
 * @param data its data, or null if it has none; shared, not to be written to
 */
@SuppressWarnings("ArrayRecordComponent")
public record PbNode(List<PbLink> links, byte @Nullable [] data) {

    /** Most links a node that is read may have; it bounds the memory of one. */
    public static final int MAX_LINKS = 1 << 16;

    private static final String WHAT = "dag-pb node";
    private static final int NODE_LINK = 0x12;
    private static final int NODE_DATA = 0x0a;
    private static final int LINK_HASH = 0x0a;
    private static final int LINK_NAME = 0x12;
    private static final int LINK_TSIZE = 0x18;

    public PbNode {
        links = List.copyOf(links);
    }

    /** Returns the bytes of the block. */
    public byte[] encode() {
        ByteWriter node = new ByteWriter();
        for (PbLink link : links) {
            ByteWriter body = new ByteWriter();
            body.u8(LINK_HASH).varint(link.cid().length());
            link.cid().writeTo(body);
            if (link.name() != null) {
                byte[] name = link.name().getBytes(StandardCharsets.UTF_8);
                body.u8(LINK_NAME).varint(name.length).bytes(name);
            }
            body.u8(LINK_TSIZE).varint(link.tsize());
            node.u8(NODE_LINK).varint(body.size()).bytes(body);
        }
        if (data != null) {
            node.u8(NODE_DATA).varint(data.length).bytes(data);
        }
        return node.toByteArray();
    }

    /**
     * Reads the bytes of a block.
     *
     * @throws FormatException if they are anything else, or it has more than {@link #MAX_LINKS} links
     */
    public static PbNode decode(byte[] bytes) throws FormatException {
        ByteReader reader = new ByteReader(WHAT, bytes);
        List<PbLink> links = new ArrayList<>();
        while (reader.peek() == NODE_LINK) {
            if (links.size() == MAX_LINKS) {
                throw reader.corrupt("it has more than " + MAX_LINKS + " links");
            }
            reader.skip(1);
            int length = reader.count(1);
            int end = reader.position() + length;
            links.add(link(reader, end));
        }
        byte[] data = null;
        if (reader.peek() == NODE_DATA) {
            reader.skip(1);
            data = reader.bytes(reader.count(1));
        }
        if (reader.remaining() > 0) {
            throw reader.corrupt("field 0x" + Integer.toHexString(reader.peek()) + " is not expected");
        }
        return new PbNode(links, data);
    }

    private static PbLink link(ByteReader reader, int end) throws FormatException {
        if (reader.u8() != LINK_HASH) {
            throw reader.corrupt("a link begins with no CID");
        }
        int cidLength = reader.count(1);
        int cidEnd = reader.position() + cidLength;
        Cid cid = Cid.read(reader);
        if (reader.position() != cidEnd) {
            throw reader.corrupt("a CID has not the length announced, " + cidLength);
        }
        String name = null;
        int field = reader.u8();
        if (field == LINK_NAME) {
            name = reader.utf8(reader.count(1));
            field = reader.u8();
        }
        if (field != LINK_TSIZE) {
            throw reader.corrupt("a link has field 0x" + Integer.toHexString(field) + " where its Tsize belongs");
        }
        long tsize = reader.varint();
        if (reader.position() != end) {
            throw reader.corrupt("a link has not the length announced");
        }
        return new PbLink(cid, name, tsize);
    }
}
