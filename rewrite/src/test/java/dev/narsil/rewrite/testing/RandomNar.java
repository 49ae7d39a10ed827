package dev.narsil.rewrite.testing;

import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random package: a tree of directories, plain and executable files, symlinks; text and binaries with store
 * references, digests in names and targets. With equal fields the NARs of two lists of digests differ in the digests
 * only, as two rebuilds do, and every digest outside of a full path comes after a full path with it, so that stripping
 * makes the NARs equal.
 *
 * @param seed what all but the digests depends on
 * @param storeDir where the references point to
 * @param files number of regular files, at least 1
 * @param maxFileBytes no file is longer; half of the files have at most 4 KiB
 */
public record RandomNar(long seed, StoreDir storeDir, int files, int maxFileBytes) {

    private static final int ENTRIES_PER_DIRECTORY = 12;
    private static final String[] WORDS = {
        "the",
        "quick",
        "lib",
        "include",
        "#define",
        "return",
        "gcc",
        "0123456789abcdf",
        "=",
        "(",
        ")",
        ";\n",
        "\n",
        "\t",
        "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-gone",
        "usr",
        "/bin/sh",
        "export PATH=",
        "sha256",
        "zlib",
        "\0",
        "\u00e9"
    };

    /** A package in {@code /nix/store} of 20 files of up to 256 KiB. */
    public static RandomNar of(long seed) {
        return new RandomNar(seed, StoreDir.DEFAULT, 20, 256 << 10);
    }

    /** Returns distinct random digests. */
    public static List<Digest> digests(long seed, int count) {
        Random random = new Random(seed);
        List<Digest> digests = new ArrayList<>();
        byte[] bytes = new byte[Digest.BYTES];
        for (int i = 0; i < count; i++) {
            random.nextBytes(bytes);
            digests.add(Digest.of(bytes, 0));
        }
        return List.copyOf(digests);
    }

    /** Returns the NAR of the package built with these digests. */
    public byte[] bytes(List<Digest> digests) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writeTo(out, digests);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Writes the NAR of the package built with these digests. */
    public void writeTo(OutputStream out, List<Digest> digests) throws IOException {
        NarWriter nar = new NarWriter(out);
        Random random = new Random(seed);
        nar.startDirectory();
        nar.entry(ascii("0-references"));
        nar.regular(false, references(digests));
        int left = files - 1;
        for (int i = 0; left > 0; i++) {
            left -= entry(nar, random, digests, i, left, 1);
        }
        nar.endDirectory();
        nar.finish();
    }

    /** Writes entry {@code i} of a directory at {@code depth} and returns the number of regular files in it. */
    private int entry(NarWriter nar, Random random, List<Digest> digests, int i, int left, int depth)
            throws IOException {
        // a number first, so that the digest in the name has no say in the order
        String number = String.format("%05d", i + 1);
        boolean named = !digests.isEmpty() && random.nextInt(8) == 0;
        nar.entry(ascii(named ? number + "-" + pick(random, digests) + "-name" : number + "-name.txt"));
        int kind = random.nextInt(8);
        if (kind == 0 && depth < 6) {
            nar.startDirectory();
            int written = 0;
            int entries = random.nextInt(ENTRIES_PER_DIRECTORY);
            for (int k = 0; k < entries && written < left; k++) {
                written += entry(nar, random, digests, k, left - written, depth + 1);
            }
            nar.endDirectory();
            return written;
        }
        if (kind == 1) {
            nar.symlink(ascii(digests.isEmpty() ? "../target" : path(pick(random, digests), "/bin/x")));
            return 0;
        }
        nar.regular(random.nextBoolean(), contents(random, digests));
        return 1;
    }

    private byte[] references(List<Digest> digests) {
        StringBuilder text = new StringBuilder();
        for (Digest digest : digests) {
            // 72 bytes or more a line keep the holes below the bound of one in 64
            text.append(path(digest, "-1.2.3-with-a-long-name/share/doc\n"));
        }
        return ascii(text.toString());
    }

    private byte[] contents(Random random, List<Digest> digests) {
        int size = size(random);
        return switch (random.nextInt(4)) {
            case 0 -> binary(random, digests, size);
            case 1 -> new byte[size];
            default -> text(random, digests, size);
        };
    }

    private int size(Random random) {
        int bound = switch (random.nextInt(10)) {
            case 0 -> 1;
            case 1, 2, 3, 4 -> 4 << 10;
            case 5, 6, 7 -> 64 << 10;
            default -> maxFileBytes;
        };
        return random.nextInt(Math.min(bound, maxFileBytes) + 1);
    }

    private byte[] text(Random random, List<Digest> digests, int size) {
        StringBuilder text = new StringBuilder();
        while (text.length() < size) {
            int word = random.nextInt(WORDS.length + 1);
            if (word < WORDS.length) {
                text.append(WORDS[word]).append(' ');
            } else if (!digests.isEmpty() && random.nextInt(4) == 0) {
                String reference = path(pick(random, digests), "/include/stdio.h\"\n");
                // half a digest would not be stripped
                text.append(text.length() + reference.length() <= size ? reference : "\n");
            }
        }
        text.setLength(size);
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private byte[] binary(Random random, List<Digest> digests, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        for (int at = random.nextInt(4 << 10); !digests.isEmpty() && at < size; at += 512 + random.nextInt(64 << 10)) {
            byte[] reference = ascii("\0" + path(pick(random, digests), "/lib/libx.so.1\0"));
            if (reference.length <= size - at) {
                System.arraycopy(reference, 0, bytes, at, reference.length);
            }
        }
        return bytes;
    }

    private String path(Digest digest, String rest) {
        return storeDir.path() + "/" + digest + "-package" + rest;
    }

    private static Digest pick(Random random, List<Digest> digests) {
        return digests.get(random.nextInt(digests.size()));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
