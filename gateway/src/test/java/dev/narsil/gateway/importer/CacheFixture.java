package dev.narsil.gateway.importer;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A signed binary cache in a directory, made of random packages, that a test may damage. */
public final class CacheFixture {

    public static final SecretKey KEY = SecretKey.parse(
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==");
    static final TrustedKeys TRUSTED = new TrustedKeys(List.of(KEY.publicKey()));

    private final Path directory;
    private final Map<StorePath, byte[]> nars = new ConcurrentHashMap<>();

    public CacheFixture(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("nar"));
        Files.writeString(directory.resolve("nix-cache-info"), "StoreDir: /nix/store\n");
    }

    static StorePath path(int number) {
        return new StorePath(RandomNar.digests(number, 1).getFirst(), "package-" + number);
    }

    /** A NAR of about 100 KiB that refers to the paths. */
    static byte[] nar(long seed, StorePath... references) {
        List<Digest> digests = references.length == 0
                ? RandomNar.digests(seed, 2)
                : List.of(references).stream().map(StorePath::digest).toList();
        return new RandomNar(seed, StoreDir.DEFAULT, 8, 64 << 10).bytes(digests);
    }

    /** Adds a package with a NAR of its own. */
    public StorePath add(int number, Compression compression, StorePath... references) throws IOException {
        return add(path(number), nar(number, references), compression, references);
    }

    /** Adds a path with this NAR, in one compressed stream. */
    StorePath add(StorePath path, byte[] nar, Compression compression, StorePath... references) throws IOException {
        return add(path, nar, compression, Compressed.one(compression, nar), references);
    }

    /** Adds a path with this NAR and this file. */
    StorePath add(StorePath path, byte[] nar, Compression compression, byte[] file, StorePath... references)
            throws IOException {
        nars.put(path, nar);
        String url = "nar/" + path.digest() + ".nar." + compression;
        Files.write(directory.resolve(url), file);
        Sha256 narHash = Sha256.hash(nar);
        PathInfo unsigned = info(path, narHash, nar.length, List.of(references), null);
        String signature =
                KEY.sign(Fingerprint.sorted(unsigned, StoreDir.DEFAULT)).toString();
        PathInfo info = info(path, narHash, nar.length, List.of(references), signature);
        NarInfo narInfo =
                new NarInfo(info, url, compression.toString(), Sha256.hash(file).toString(), (long) file.length);
        Files.writeString(narInfoFile(path), narInfo.print(StoreDir.DEFAULT));
        return path;
    }

    /** Replaces the value of a field of a narinfo; null drops it. */
    void change(StorePath path, String field, @Nullable String value) throws IOException {
        String text = Files.readString(narInfoFile(path));
        Files.writeString(
                narInfoFile(path),
                text.replaceAll("(?m)^" + field + ": .*\n", value == null ? "" : field + ": " + value + "\n"));
    }

    Path narInfoFile(StorePath path) {
        return directory.resolve(path.digest() + ".narinfo");
    }

    public Path file(StorePath path, Compression compression) {
        return directory.resolve("nar/" + path.digest() + ".nar." + compression);
    }

    public Path directory() {
        return directory;
    }

    public byte[] nar(StorePath path) {
        byte[] nar = nars.get(path);
        if (nar == null) {
            throw new IllegalArgumentException("not in the cache: " + path);
        }
        return nar;
    }

    private static PathInfo info(
            StorePath path, Sha256 narHash, long narSize, List<StorePath> references, @Nullable String signature) {
        return new PathInfo(
                path,
                narHash,
                null,
                narSize,
                references,
                null,
                null,
                signature == null ? List.of() : List.of(signature),
                null,
                List.of());
    }
}
