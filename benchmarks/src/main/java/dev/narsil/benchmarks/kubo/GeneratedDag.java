package dev.narsil.benchmarks.kubo;

import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.dagcbor.CborWriter;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A file of noise as the bridge lays out a NAR: a manifest, one node, leaves of 16 to 112 KiB, and an identity CID
 * among them.
 */
final class GeneratedDag {

    private static final int MIN_LEAF_BYTES = 16 << 10;
    private static final int MAX_LEAF_BYTES = 112 << 10;
    private static final int IDENTITY_BYTES = 32;

    private final long seed;
    private final List<Cid> leaves = new ArrayList<>();
    private final byte[] node;
    private final byte[] manifest;
    private final Cid file;
    private final Cid root;
    private final String sha256;

    GeneratedDag(long seed, int count) {
        this.seed = seed;
        MessageDigest digest = Sha256.newDigest();
        List<UnixFsFile.Child> children = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            byte[] leaf = leaf(random);
            Cid cid = Cid.hash(Codec.RAW, leaf);
            leaves.add(cid);
            children.add(UnixFsFile.Child.leaf(cid, leaf.length));
            digest.update(leaf);
        }
        byte[] inline = new byte[IDENTITY_BYTES];
        random.nextBytes(inline);
        Cid identity = Cid.identity(inline, 0, inline.length);
        leaves.add(identity);
        children.add(UnixFsFile.Child.leaf(identity, inline.length));
        digest.update(inline);
        this.node = UnixFsFile.of(children).encode();
        this.file = Cid.hash(Codec.DAG_PB, node);
        this.manifest = new CborWriter().map(1).key("nar").link(file).finish();
        this.root = Cid.hash(Codec.DAG_CBOR, manifest);
        this.sha256 = HexFormat.of().formatHex(digest.digest());
    }

    private static byte[] leaf(SplittableRandom random) {
        byte[] leaf = new byte[random.nextInt(MIN_LEAF_BYTES, MAX_LEAF_BYTES)];
        random.nextBytes(leaf);
        return leaf;
    }

    Cid root() {
        return root;
    }

    Cid file() {
        return file;
    }

    List<Cid> leaves() {
        return List.copyOf(leaves);
    }

    /** The SHA-256 of the file in hex. */
    String sha256() {
        return sha256;
    }

    /** Writes all blocks but those of the first {@code without} leaves. */
    void writeTo(CarWriter car, int without) throws IOException {
        car.block(root, manifest, 0, manifest.length);
        car.block(file, node, 0, node.length);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < leaves.size() - 1; i++) {
            byte[] leaf = leaf(random);
            if (i >= without) {
                car.block(leaves.get(i), leaf, 0, leaf.length);
            }
        }
    }
}
