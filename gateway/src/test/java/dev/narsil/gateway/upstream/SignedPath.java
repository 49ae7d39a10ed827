package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A path with a NAR of any bytes, as a cache with a key has it. */
public record SignedPath(NarInfo narInfo) {

    public static final SecretKey KEY = SecretKey.parse(
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==");

    public static StorePath path(int number) {
        return new StorePath(RandomNar.digests(number, 1).getFirst(), "package-" + number);
    }

    public static SignedPath of(int number, StorePath... references) {
        return of(number, "NAR of " + number, references);
    }

    /** A path with a file that is said to be a NAR with the bytes of {@code nar}. */
    public static SignedPath of(int number, String nar, StorePath... references) {
        return signed(path(number), nar.getBytes(StandardCharsets.UTF_8), List.of(references));
    }

    public static SignedPath signed(StorePath path, byte[] nar, List<StorePath> references) {
        PathInfo unsigned = info(path, nar, references, List.of());
        String signature =
                KEY.sign(Fingerprint.sorted(unsigned, StoreDir.DEFAULT)).toString();
        PathInfo info = info(path, nar, references, List.of(signature));
        return new SignedPath(new NarInfo(
                info, "nar/" + path.digest() + ".nar", "none", Sha256.hash(nar).toString(), (long) nar.length));
    }

    private static PathInfo info(StorePath path, byte[] nar, List<StorePath> references, List<String> signatures) {
        return new PathInfo(
                path, Sha256.hash(nar), null, nar.length, references, null, null, signatures, null, List.of());
    }

    public Digest digest() {
        return narInfo.storePath().digest();
    }

    public StorePath storePath() {
        return narInfo.storePath();
    }

    public Sha256 narHash() {
        return narInfo.pathInfo().narHash();
    }

    /** Returns the path of its narinfo in a cache. */
    public String target() {
        return "/" + digest() + ".narinfo";
    }

    /** Returns the path of its NAR in a cache. */
    public String narTarget() {
        return "/" + narInfo.url();
    }

    public String text() {
        return narInfo.print(StoreDir.DEFAULT);
    }
}
