package dev.narsil.blockstore.testing;

import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** NARs of a known shape. */
public final class Nars {

    private Nars() {}

    /** Writes the root node of a NAR. */
    public interface Body {
        void write(NarWriter nar) throws IOException;
    }

    /** Returns the NAR of this root node. */
    public static byte[] of(Body body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            NarWriter nar = new NarWriter(out);
            body.write(nar);
            nar.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Returns the NAR of one file. */
    public static byte[] file(byte[] contents) {
        return of(nar -> nar.regular(false, contents));
    }

    /** Returns the NAR of a directory of files {@code 0}, {@code 1} and so on up to nine. */
    public static byte[] files(byte[]... contents) {
        return of(nar -> {
            nar.startDirectory();
            for (int i = 0; i < contents.length; i++) {
                nar.entry(ascii(String.valueOf(i)));
                nar.regular(false, contents[i]);
            }
            nar.endDirectory();
        });
    }

    /** Returns a random package with references to a few random digests. */
    public static byte[] random(long seed) {
        return RandomNar.of(seed).bytes(RandomNar.digests(seed, 5));
    }

    /** Returns a small random package without references. */
    public static byte[] small(long seed) {
        return new RandomNar(seed, StoreDir.DEFAULT, 3, 4 << 10).bytes(List.of());
    }

    /** Returns bytes that do not compress. */
    public static byte[] noise(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Returns a line of text with a path of this digest in it. */
    public static byte[] reference(Digest digest) {
        return ascii("see /nix/store/" + digest + "-a-package-with-a-name-long-enough/bin/program\n");
    }

    /** Returns the bytes one after the other. */
    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
