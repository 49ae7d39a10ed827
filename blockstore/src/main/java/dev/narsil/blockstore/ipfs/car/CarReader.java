package dev.narsil.blockstore.ipfs.car;

import dev.narsil.blockstore.codec.ByteReader;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.dagcbor.CborReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a CAR from a stream, block by block, and compares each with its CID. Holds one block at a time. The stream
 * should be buffered. Not safe for use by several threads.
 *
 * <p>That the stream ends between two blocks does not say that all blocks came; see {@link
 * dev.narsil.blockstore.ipfs.car}.
 */
public final class CarReader {

    /** Most bytes of a header: room for some 1,500 roots. */
    public static final int MAX_HEADER_BYTES = 64 << 10;

    private static final int MAX_SECTION_BYTES = Cid.MAX_BYTES + CarWriter.MAX_BLOCK_BYTES;

    private final InputStream in;
    private final List<Cid> roots;
    private long position;

    /**
     * Reads the header.
     *
     * @throws FormatException if it is not that of a CAR of version 1
     */
    public CarReader(InputStream in) throws IOException {
        this.in = in;
        int length = length(MAX_HEADER_BYTES, "header");
        if (length < 0) {
            throw new FormatException("CAR is truncated: it is empty");
        }
        this.roots = roots(bytes(length, 0, "header"));
    }

    private static List<Cid> roots(byte[] header) throws FormatException {
        CborReader reader = new CborReader("header of the CAR", header);
        List<Cid> roots = new ArrayList<>();
        int entries = reader.map();
        String first = entries > 0 ? reader.key() : "";
        if (first.equals("roots")) {
            int count = reader.array();
            for (int i = 0; i < count; i++) {
                roots.add(reader.link());
            }
            if (entries != 2 || !reader.key().equals("version")) {
                throw reader.corrupt("it has not two entries, \"roots\" and \"version\"");
            }
        } else if (!first.equals("version")) {
            throw reader.corrupt("it has no version");
        }
        long version = reader.integer();
        if (version != 1) {
            throw reader.corrupt("a CAR of version " + version);
        }
        if (roots.isEmpty()) {
            throw reader.corrupt("it names no root");
        }
        reader.finish();
        return List.copyOf(roots);
    }

    /** The roots the header names, at least one. */
    public List<Cid> roots() {
        return roots;
    }

    /** Number of bytes read so far. */
    public long position() {
        return position;
    }

    /**
     * Returns the next block, or null at the end of the stream.
     *
     * @throws FormatException if the stream ends within a block, or what comes is no block or not that of its CID
     */
    public @Nullable CarBlock next() throws IOException {
        long start = position;
        int length = length(MAX_SECTION_BYTES, "section");
        if (length < 0) {
            return null;
        }
        byte[] section = bytes(length, start, "section");
        ByteReader reader = new ByteReader("CID of the section at byte " + start + " of the CAR", section);
        Cid cid = Cid.read(reader);
        int size = reader.remaining();
        if (size > CarWriter.MAX_BLOCK_BYTES) {
            throw new FormatException("CAR is corrupt: the block at byte " + start + " has " + size + " bytes");
        }
        if (!cid.isOf(section, length - size, size)) {
            throw new FormatException("CAR is corrupt: the block at byte " + start + " is not that of " + cid);
        }
        return new CarBlock(cid, reader.bytes(size));
    }

    /** Reads a length; -1 if the stream ends before it. */
    private int length(int max, String what) throws IOException {
        long start = position;
        long value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            int b = in.read();
            if (b < 0) {
                if (shift == 0) {
                    return -1;
                }
                throw new FormatException(
                        "CAR is truncated: it ends in the length of the " + what + " at byte " + start);
            }
            position++;
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (value == 0 || b == 0 || value > max) {
                    throw new FormatException("CAR is corrupt: the " + what + " at byte " + start + " announces "
                            + value + " bytes" + (b == 0 && value > 0 ? " in too long a form" : ""));
                }
                return (int) value;
            }
        }
        throw new FormatException(
                "CAR is corrupt: the " + what + " at byte " + start + " announces more than " + max + " bytes");
    }

    private byte[] bytes(int length, long start, String what) throws IOException {
        byte[] bytes = in.readNBytes(length);
        position += bytes.length;
        if (bytes.length < length) {
            throw new FormatException("CAR is truncated: the " + what + " at byte " + start + " has " + bytes.length
                    + " of " + length + " bytes");
        }
        return bytes;
    }
}
