package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.dagcbor.CborReader;
import dev.narsil.blockstore.ipfs.dagcbor.CborWriter;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.Signature;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an index consists of, signed. Its block is specified in {@link dev.narsil.gateway.ipfs.index}.
 *
 * @param storeDir the store directory of the paths
 * @param sequence higher in each index of the same publisher
 * @param time when it was made, in seconds
 * @param shards by the two characters that their digests begin with
 * @param signature as in a narinfo
 */
public record IndexRoot(
        StoreDir storeDir, long sequence, Instant time, SortedMap<String, Shard> shards, String signature) {

    /** Most bytes of the block: all shards there can be take half of it. */
    public static final int MAX_BYTES = 128 << 10;

    /** Most paths of an index. */
    public static final int MAX_PATHS = 1_000_000;

    private static final String WHAT = "index";
    private static final int VERSION = 1;
    private static final int ENTRIES = 6;
    private static final int MAX_SIGNATURE = 400;
    private static final byte[] SIGNED_FOR = "narsil-index-1\n".getBytes(StandardCharsets.US_ASCII);

    private static final String V = "v";
    private static final String DIR = "dir";
    private static final String SEQ = "seq";
    private static final String SIG = "sig";
    private static final String TIME = "time";
    private static final String SHARDS = "shards";

    /**
     * A shard.
     *
     * @param cid of its block
     * @param count how many paths are in it
     */
    public record Shard(Cid cid, int count) {}

    /** Checks the bounds. */
    public IndexRoot {
        shards = Collections.unmodifiableSortedMap(new TreeMap<>(shards));
        if (sequence < 1) {
            throw new IllegalArgumentException("sequence " + sequence);
        }
        if (time.getEpochSecond() < 0 || time.getNano() != 0) {
            throw new IllegalArgumentException("time " + time);
        }
        if (signature.length() > MAX_SIGNATURE) {
            throw new IllegalArgumentException("a signature of " + signature.length() + " characters");
        }
        long count = shards.values().stream().mapToLong(Shard::count).sum();
        if (count > MAX_PATHS) {
            throw new IllegalArgumentException("an index of " + count + " paths; at most " + MAX_PATHS + " are taken");
        }
    }

    /** Makes one and signs it. */
    public static IndexRoot sign(
            StoreDir storeDir, long sequence, Instant time, SortedMap<String, Shard> shards, SecretKey key) {
        IndexRoot unsigned = new IndexRoot(storeDir, sequence, time, shards, "");
        return new IndexRoot(
                storeDir,
                sequence,
                time,
                shards,
                key.sign(unsigned.signedBytes()).toString());
    }

    private byte[] signedBytes() {
        byte[] block = new IndexRoot(storeDir, sequence, time, shards, "").encode();
        byte[] signed = new byte[SIGNED_FOR.length + block.length];
        System.arraycopy(SIGNED_FOR, 0, signed, 0, SIGNED_FOR.length);
        System.arraycopy(block, 0, signed, SIGNED_FOR.length, block.length);
        return signed;
    }

    /**
     * Checks that one of these keys has signed it.
     *
     * @throws IOException that says why none has
     */
    void requireSignedBy(Collection<PublicKey> keys) throws IOException {
        Signature made;
        try {
            made = Signature.parse(signature);
        } catch (IllegalArgumentException e) {
            throw new IOException("the index has no signature: " + e.getMessage(), e);
        }
        if (!made.toString().equals(signature)) {
            throw new IOException("the signature of the index is not in canonical base64");
        }
        boolean known = false;
        byte[] signed = signedBytes();
        for (PublicKey key : keys) {
            if (key.name().equals(made.keyName())) {
                known = true;
                if (key.verifies(signed, made)) {
                    return;
                }
            }
        }
        throw new IOException(
                known
                        ? "the signature of the index by '" + made.keyName() + "' is wrong"
                        : "the index is signed by '" + made.keyName() + "', which is not a key that is trusted for it");
    }

    /** How many paths are in it. */
    public long count() {
        return shards.values().stream().mapToLong(Shard::count).sum();
    }

    /** Returns the bytes of the block. */
    public byte[] encode() {
        CborWriter writer = new CborWriter()
                .map(ENTRIES)
                .key(V)
                .integer(VERSION)
                .key(DIR)
                .text(storeDir.toString())
                .key(SEQ)
                .integer(sequence)
                .key(SIG)
                .text(signature)
                .key(TIME)
                .integer(time.getEpochSecond())
                .key(SHARDS)
                .map(shards.size());
        shards.forEach(
                (prefix, shard) -> writer.key(prefix).array(2).link(shard.cid()).integer(shard.count()));
        return writer.finish();
    }

    /** Returns the CID of the block that {@link #encode} gave. */
    public static Cid cid(byte[] block) {
        return Cid.hash(Codec.DAG_CBOR, block);
    }

    /**
     * Reads the bytes of a block; whether the signature is right is another question.
     *
     * @throws FormatException if they are anything else, or of a newer version
     */
    public static IndexRoot decode(byte[] block) throws FormatException {
        if (block.length > MAX_BYTES) {
            throw new FormatException(WHAT + " is corrupt: it has " + block.length + " bytes");
        }
        CborReader reader = new CborReader(WHAT, block);
        int entries = reader.map();
        require(reader, V);
        IndexShard.requireVersion(WHAT, reader, VERSION);
        if (entries != ENTRIES) {
            throw reader.corrupt("it has " + entries + " entries");
        }
        require(reader, DIR);
        String dir = reader.text();
        require(reader, SEQ);
        long sequence = reader.size();
        require(reader, SIG);
        String signature = reader.text();
        require(reader, TIME);
        long time = reader.size();
        require(reader, SHARDS);
        SortedMap<String, Shard> shards = shards(reader);
        reader.finish();
        if (time > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + time);
        }
        try {
            return new IndexRoot(new StoreDir(dir), sequence, Instant.ofEpochSecond(time), shards, signature);
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    private static void require(CborReader reader, String expected) throws FormatException {
        if (!reader.key().equals(expected)) {
            throw reader.corrupt("entry " + expected + " is missing, or is not the next");
        }
    }

    private static SortedMap<String, Shard> shards(CborReader reader) throws FormatException {
        SortedMap<String, Shard> shards = new TreeMap<>();
        for (int left = reader.map(); left > 0; left--) {
            String prefix = reader.key();
            if (!prefix.matches("[0-9a-df-np-sv-z]{" + IndexShard.PREFIX_LENGTH + "}")) {
                throw reader.corrupt("a shard is called otherwise than two characters of a digest");
            }
            if (reader.array() != 2) {
                throw reader.corrupt("shard " + prefix + " is not two values");
            }
            Cid cid = reader.link();
            long count = reader.size();
            if (cid.codec() != Codec.DAG_CBOR || cid.isIdentity() || count < 1 || count > MAX_PATHS) {
                throw reader.corrupt("shard " + prefix + " is no block of at least one path");
            }
            shards.put(prefix, new Shard(cid, (int) count));
        }
        return shards;
    }
}
