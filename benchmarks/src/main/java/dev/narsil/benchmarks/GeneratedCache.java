package dev.narsil.benchmarks;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.SplittableRandom;

/** Makes a {@code file://} binary cache of NARs of one file each, of any size, uncompressed and unsigned. */
public final class GeneratedCache {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** What noise keeps of each byte, and what is added: the letters a to p, which compress to half. */
    private static final long LETTER_BITS = 0x0f0f0f0f0f0f0f0fL;

    private static final long LETTER_A = 0x6161616161616161L;
    private static final int PIECE = 1 << 20;

    private GeneratedCache() {}

    /** Runs {@code DIR COUNT BYTES}: so many store paths, each a file of so many bytes. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("usage: GeneratedCache DIR COUNT BYTES");
            System.exit(2);
        }
        Path cache = Path.of(arguments[0]);
        Files.createDirectories(cache.resolve("nar"));
        Files.writeString(cache.resolve("nix-cache-info"), "StoreDir: " + StoreDir.DEFAULT + "\n");
        int count = Integer.parseInt(arguments[1]);
        long bytes = Long.parseLong(arguments[2]);
        for (int i = 0; i < count; i++) {
            System.out.println(add(cache, i, bytes).in(StoreDir.DEFAULT));
        }
    }

    private static StorePath add(Path cache, int number, long bytes) throws IOException {
        Path unnamed = cache.resolve("nar/unnamed");
        MessageDigest digest = Sha256.newDigest();
        try (OutputStream file = Files.newOutputStream(unnamed);
                DigestOutputStream out = new DigestOutputStream(file, digest)) {
            NarWriter writer = new NarWriter(out);
            writer.startRegular(false, bytes);
            SplittableRandom random = new SplittableRandom(number);
            byte[] piece = new byte[PIECE];
            for (long left = bytes; left > 0; left -= PIECE) {
                for (int at = 0; at < PIECE; at += Long.BYTES) {
                    LONG.set(piece, at, (random.nextLong() & LETTER_BITS) + LETTER_A);
                }
                writer.contents(piece, 0, (int) Math.min(PIECE, left));
            }
            writer.endRegular();
            writer.finish();
        }
        Sha256 narHash = Sha256.finish(digest);
        StorePath path = new StorePath(Digest.of(narHash.bytes(), 0), "generated-" + number);
        PathInfo info = new PathInfo(
                path, narHash, null, Files.size(unnamed), List.of(), null, null, List.of(), null, List.of());
        Files.move(unnamed, cache.resolve("nar/" + narHash.toBase32() + ".nar"));
        Files.writeString(
                cache.resolve(path.digest() + ".narinfo"), NarInfo.of(info).print(StoreDir.DEFAULT));
        return path;
    }
}
