package dev.narsil.benchmarks.newer;

import com.github.luben.zstd.Zstd;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A store path that never was built, and the file in which a client uploads its NAR: zstd of several frames.
 *
 * @param references the paths it refers to
 */
@SuppressWarnings("ArrayRecordComponent")
record MadePath(StorePath path, List<MadePath> references, byte[] nar, Sha256 narHash, byte[] file, Sha256 fileHash) {

    /** Bytes of a NAR in each frame. */
    private static final int FRAME_BYTES = 128 << 10;

    /** Makes a path of one file of about {@code size} bytes, which compress to half and have its references in them. */
    static MadePath of(SplittableRandom random, String name, int size, List<MadePath> references) {
        byte[] digest = new byte[Digest.BYTES];
        random.nextBytes(digest);
        StorePath path = new StorePath(Digest.of(digest, 0), name);
        byte[] contents = new byte[size];
        random.nextBytes(contents);
        for (int i = 0; i < size; i++) {
            contents[i] = (byte) ('a' + (contents[i] & 15));
        }
        String text = references.stream()
                .map(reference -> reference.path.in(StoreDir.DEFAULT) + "\n")
                .collect(Collectors.joining());
        byte[] links = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(links, 0, contents, 0, Math.min(links.length, size));
        byte[] nar = nar(contents);
        byte[] file = frames(nar);
        return new MadePath(path, List.copyOf(references), nar, Sha256.hash(nar), file, Sha256.hash(file));
    }

    private static byte[] nar(byte[] contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(contents.length + 256);
        try {
            NarWriter writer = new NarWriter(out);
            writer.regular(false, contents);
            writer.finish();
        } catch (IOException e) {
            throw new IllegalStateException("in memory", e);
        }
        return out.toByteArray();
    }

    private static byte[] frames(byte[] nar) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(nar.length);
        for (int from = 0; from < nar.length; from += FRAME_BYTES) {
            byte[] frame = java.util.Arrays.copyOfRange(nar, from, Math.min(nar.length, from + FRAME_BYTES));
            out.writeBytes(Zstd.compress(frame, 1));
        }
        return out.toByteArray();
    }

    /** Where the NAR is uploaded to, relative to the cache. */
    String filePath() {
        return "nar/" + fileHash.toBase32() + ".nar.zst";
    }

    String narInfoPath() {
        return path.digest() + ".narinfo";
    }

    /** The narinfo that is uploaded. */
    String narInfo() {
        return "StorePath: " + path.in(StoreDir.DEFAULT) + "\nURL: " + filePath()
                + "\nCompression: zstd\nFileHash: sha256:"
                + fileHash.toBase32() + "\nFileSize: " + file.length + "\nNarHash: sha256:" + narHash.toBase32()
                + "\nNarSize: " + nar.length + "\nReferences: "
                + references.stream().map(r -> r.path.baseName()).collect(Collectors.joining(" ")) + "\n";
    }

    byte[] narInfoBytes() {
        return narInfo().getBytes(StandardCharsets.US_ASCII);
    }
}
