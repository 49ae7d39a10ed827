package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.dagcbor.CborReader;
import dev.narsil.blockstore.ipfs.dagcbor.CborWriter;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is published of a store path: what a signature covers, the signatures, and the NAR. Its block is specified in
 * {@link dev.narsil.blockstore.ipfs}.
 *
 * @param storeDir the store directory of the path
 * @param path the store path
 * @param narHash hash of its NAR
 * @param narSize length of its NAR in bytes; not negative
 * @param references in the order of the narinfo
 * @param deriver the value of {@code Deriver}, or null
 * @param signatures the values of {@code Sig}, in order
 * @param contentAddress the value of {@code CA}, or null
 * @param nar root of the UnixFS file that is the NAR
 */
public record Manifest(
        StoreDir storeDir,
        StorePath path,
        Sha256 narHash,
        long narSize,
        List<StorePath> references,
        @Nullable String deriver,
        List<String> signatures,
        @Nullable String contentAddress,
        Cid nar) {

    /** Most bytes of the block. */
    public static final int MAX_BYTES = 1 << 20;

    private static final String WHAT = "manifest";
    private static final int VERSION = 1;
    private static final int REQUIRED_ENTRIES = 7;

    private static final String V = "v";
    private static final String CA = "ca";
    private static final String NAR = "nar";
    private static final String PATH = "path";
    private static final String REFS = "refs";
    private static final String SIGS = "sigs";
    private static final String DERIVER = "deriver";
    private static final String NAR_HASH = "narHash";
    private static final String NAR_SIZE = "narSize";

    public Manifest {
        references = List.copyOf(references);
        signatures = List.copyOf(signatures);
        if (narSize < 0) {
            throw new IllegalArgumentException("negative NarSize: " + narSize);
        }
    }

    /** Returns the manifest of a path whose NAR is the UnixFS file {@code nar}. */
    public static Manifest of(StoreDir storeDir, PathInfo info, Cid nar) {
        return new Manifest(
                storeDir,
                info.path(),
                info.narHash(),
                info.narSize(),
                info.references(),
                info.deriver(),
                info.signatures(),
                info.contentAddress(),
                nar);
    }

    /** Returns what it says of the path, as a narinfo would. */
    public PathInfo toPathInfo() {
        return new PathInfo(
                path, narHash, null, narSize, references, deriver, null, signatures, contentAddress, List.of());
    }

    /**
     * Returns the bytes of the block.
     *
     * @throws IllegalArgumentException if they are more than {@link #MAX_BYTES}
     */
    public byte[] encode() {
        CborWriter writer = new CborWriter()
                .map(REQUIRED_ENTRIES + (contentAddress == null ? 0 : 1) + (deriver == null ? 0 : 1))
                .key(V)
                .integer(VERSION);
        if (contentAddress != null) {
            writer.key(CA).text(contentAddress);
        }
        writer.key(NAR).link(nar).key(PATH).text(path.in(storeDir)).key(REFS).array(references.size());
        references.forEach(reference -> writer.text(reference.baseName()));
        writer.key(SIGS).array(signatures.size());
        signatures.forEach(writer::text);
        if (deriver != null) {
            writer.key(DERIVER).text(deriver);
        }
        writer.key(NAR_HASH).bytes(narHash.bytes()).key(NAR_SIZE).integer(narSize);
        byte[] block = writer.finish();
        if (block.length > MAX_BYTES) {
            throw new IllegalArgumentException("the manifest of " + path + " has " + block.length + " bytes");
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
     * @throws FormatException if they are anything else, or of a newer version
     */
    public static Manifest decode(byte[] block) throws FormatException {
        if (block.length > MAX_BYTES) {
            throw new FormatException("manifest is corrupt: it has " + block.length + " bytes");
        }
        return new Decoder(new CborReader(WHAT, block)).decode();
    }

    /** Reads the entries in the order that their keys have. */
    private static final class Decoder {
        private final CborReader reader;
        private int left;
        private @Nullable String key;

        Decoder(CborReader reader) {
            this.reader = reader;
        }

        Manifest decode() throws FormatException {
            left = reader.map();
            next();
            require(V);
            long version = reader.size();
            if (version > VERSION) {
                throw FormatException.newerVersion(WHAT, (int) Math.min(version, Integer.MAX_VALUE), VERSION);
            }
            if (version == 0) {
                throw reader.corrupt("it is of version 0");
            }
            next();
            String contentAddress = optionalText(CA);
            require(NAR);
            Cid nar = reader.link();
            next();
            require(PATH);
            String fullPath = reader.text();
            int slash = fullPath.lastIndexOf('/');
            StoreDir storeDir;
            StorePath path;
            try {
                storeDir = new StoreDir(fullPath.substring(0, Math.max(slash, 0)));
                path = StorePath.parseBaseName(fullPath.substring(slash + 1));
            } catch (IllegalArgumentException e) {
                throw reader.corrupt(String.valueOf(e.getMessage()));
            }
            next();
            require(REFS);
            List<StorePath> references = references();
            next();
            require(SIGS);
            List<String> signatures = texts();
            next();
            String deriver = optionalText(DERIVER);
            require(NAR_HASH);
            Sha256 narHash = hash();
            next();
            require(NAR_SIZE);
            long narSize = reader.size();
            if (left != 0) {
                throw reader.corrupt("it has an entry this version has not");
            }
            reader.finish();
            return new Manifest(storeDir, path, narHash, narSize, references, deriver, signatures, contentAddress, nar);
        }

        private void next() throws FormatException {
            key = left == 0 ? null : reader.key();
            left--;
        }

        private void require(String expected) throws FormatException {
            if (!expected.equals(key)) {
                throw reader.corrupt("entry " + expected + " is missing, or is not the next");
            }
        }

        private @Nullable String optionalText(String expected) throws FormatException {
            if (!expected.equals(key)) {
                return null;
            }
            String text = reader.text();
            next();
            return text;
        }

        private List<StorePath> references() throws FormatException {
            List<StorePath> references = new ArrayList<>();
            for (String reference : texts()) {
                try {
                    references.add(StorePath.parseBaseName(reference));
                } catch (IllegalArgumentException e) {
                    throw reader.corrupt(String.valueOf(e.getMessage()));
                }
            }
            return references;
        }

        private List<String> texts() throws FormatException {
            int count = reader.array();
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                texts.add(reader.text());
            }
            return texts;
        }

        private Sha256 hash() throws FormatException {
            byte[] bytes = reader.bytes();
            if (bytes.length != Sha256.BYTES) {
                throw reader.corrupt("a hash of " + bytes.length + " bytes");
            }
            return Sha256.of(bytes);
        }
    }
}
