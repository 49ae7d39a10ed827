package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.dagcbor.CborReader;
import dev.narsil.blockstore.ipfs.dagcbor.CborWriter;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of an index whose digests begin with the same two characters. Its block is specified in {@link
 * dev.narsil.gateway.ipfs.index}.
 *
 * @param prefix the two characters
 * @param entries at least one, their digests strictly ascending
 */
public record IndexShard(String prefix, List<IndexEntry> entries) {

    /** Most bytes of the block. */
    public static final int MAX_BYTES = 1 << 20;

    /** Characters that the digests of a shard share. */
    static final int PREFIX_LENGTH = 2;

    private static final String WHAT = "shard of an index";
    private static final int VERSION = 1;
    private static final String V = "v";
    private static final String PATHS = "paths";

    /** Checks the order. */
    public IndexShard {
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("a shard without entries");
        }
        String before = "";
        for (IndexEntry entry : entries) {
            String digest = entry.path().toString();
            if (!digest.startsWith(prefix) || digest.compareTo(before) <= 0) {
                throw new IllegalArgumentException(digest + " is not the next in the shard " + prefix);
            }
            before = digest;
        }
    }

    /** Returns the shard a path is in. */
    static String prefix(Digest digest) {
        return digest.toString().substring(0, PREFIX_LENGTH);
    }

    /**
     * Returns the bytes of the block.
     *
     * @throws IllegalArgumentException if they are more than {@link #MAX_BYTES}
     */
    public byte[] encode() {
        CborWriter writer =
                new CborWriter().map(2).key(V).integer(VERSION).key(PATHS).map(entries.size());
        for (IndexEntry entry : entries) {
            writer.key(entry.path().toString())
                    .array(3)
                    .bytes(entry.narHash().bytes())
                    .bytes(entry.cids().manifest().bytes())
                    .bytes(entry.cids().nar().bytes());
        }
        byte[] block = writer.finish();
        if (block.length > MAX_BYTES) {
            throw new IllegalArgumentException("the shard " + prefix + " has " + block.length + " bytes");
        }
        return block;
    }

    /** Returns the CID of the block that {@link #encode} gave. */
    public static Cid cid(byte[] block) {
        return Cid.hash(Codec.DAG_CBOR, block);
    }

    /**
     * Reads the bytes of a block.
     *
     * @throws FormatException if they are anything else, of another prefix, or of a newer version
     */
    public static IndexShard decode(String prefix, byte[] block) throws FormatException {
        if (block.length > MAX_BYTES) {
            throw new FormatException(WHAT + " is corrupt: it has " + block.length + " bytes");
        }
        CborReader reader = new CborReader(WHAT, block);
        if (reader.map() != 2 || !reader.key().equals(V)) {
            throw reader.corrupt("it is not a map of two entries of which the first is v");
        }
        requireVersion(WHAT, reader, VERSION);
        if (!reader.key().equals(PATHS)) {
            throw reader.corrupt("entry paths is missing");
        }
        List<IndexEntry> entries = new ArrayList<>();
        for (int left = reader.map(); left > 0; left--) {
            entries.add(entry(reader, prefix));
        }
        reader.finish();
        if (entries.isEmpty()) {
            throw reader.corrupt("it has no paths");
        }
        return new IndexShard(prefix, entries);
    }

    private static IndexEntry entry(CborReader reader, String prefix) throws FormatException {
        String key = reader.key();
        if (!key.startsWith(prefix)) {
            throw reader.corrupt("path " + key + " does not begin with " + prefix);
        }
        try {
            Digest path = Digest.parse(key);
            if (reader.array() != 3) {
                throw reader.corrupt("what is said of " + key + " is not three values");
            }
            byte[] narHash = reader.bytes();
            if (narHash.length != Sha256.BYTES) {
                throw reader.corrupt("a hash of " + narHash.length + " bytes");
            }
            Cid manifest = Cid.decode(reader.bytes());
            Cid nar = Cid.decode(reader.bytes());
            return new IndexEntry(path, Sha256.of(narHash), new NarCids(manifest, nar));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    /** Reads a version. */
    static void requireVersion(String what, CborReader reader, int newest) throws FormatException {
        long version = reader.size();
        if (version > newest) {
            throw FormatException.newerVersion(what, (int) Math.min(version, Integer.MAX_VALUE), newest);
        }
        if (version == 0) {
            throw reader.corrupt("it is of version 0");
        }
    }
}
