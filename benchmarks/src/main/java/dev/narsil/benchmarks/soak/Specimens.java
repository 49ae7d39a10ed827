package dev.narsil.benchmarks.soak;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** Makes the specimens of a seed. Safe for use by many threads. */
final class Specimens {

    private static final int TEMPLATES = 32;
    private static final double LEAST_BYTES = 300;
    private static final double MOST_BYTES = 4 << 20;

    /** Bytes between the store paths in a file. */
    private static final int HOLE_DISTANCE = 40_000;

    private static final int HOLE_OFFSET = 100;

    /** Paths of a chain in which each refers to the one before. */
    private static final int CLOSURE = 8;

    private final long seed;
    private final List<byte[]> templates = new ArrayList<>();

    Specimens(long seed) {
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < TEMPLATES; i++) {
            // the sizes are spread over all magnitudes, and the same for every seed
            double share = (double) i / (TEMPLATES - 1);
            byte[] text = new byte[(int) (LEAST_BYTES * Math.pow(MOST_BYTES / LEAST_BYTES, share))];
            for (int at = 0; at < text.length; at++) {
                text[at] = (byte) ('a' + random.nextInt(16));
            }
            templates.add(text);
        }
    }

    /** Makes one. */
    Specimen of(long number) {
        StorePath path = path(number);
        int origins = Specimen.Origin.values().length;
        boolean first = number / origins % CLOSURE == 0;
        List<StorePath> references = first ? List.of() : List.of(path(number - origins));
        byte[] nar = nar(number, path, references);
        return new Specimen(number, path, references, nar, Sha256.hash(nar));
    }

    private byte[] nar(long number, StorePath path, List<StorePath> references) {
        byte[] text =
                templates.get(hash(number)[Digest.BYTES] & (TEMPLATES - 1)).clone();
        int hole = 0;
        for (int at = HOLE_OFFSET; at + path.baseName().length() + HOLE_OFFSET < text.length; at += HOLE_DISTANCE) {
            StorePath mentioned = references.isEmpty() || hole++ % 2 == 0 ? path : references.getFirst();
            byte[] name = ascii(StoreDir.DEFAULT + "/" + mentioned.digest() + "-");
            System.arraycopy(name, 0, text, at, name.length);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length + 1024);
        try {
            NarWriter writer = new NarWriter(bytes);
            writer.startDirectory();
            writer.entry(ascii("data"));
            writer.regular(false, text);
            writer.entry(ascii("itself"));
            writer.symlink(ascii(path.in(StoreDir.DEFAULT) + "/tool"));
            writer.entry(ascii("tool"));
            writer.regular(true, ascii("#!/bin/sh\necho " + path.in(StoreDir.DEFAULT) + "\n"));
            writer.endDirectory();
            writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Returns the store path of a number. */
    StorePath path(long number) {
        return new StorePath(digest(number), "specimen-" + number);
    }

    private Digest digest(long number) {
        ByteBuffer bytes = ByteBuffer.wrap(hash(number), 0, Digest.BYTES);
        bytes.putLong(0, number ^ bytes.getLong(Long.BYTES));
        return Digest.of(bytes.array(), 0);
    }

    /** Returns the number of a digest; empty if it is none of a specimen. */
    OptionalLong number(Digest digest) {
        ByteBuffer bytes = ByteBuffer.wrap(digest.bytes());
        long number = bytes.getLong(0) ^ bytes.getLong(Long.BYTES);
        return number >= 0 && digest(number).equals(digest) ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private byte[] hash(long number) {
        return Sha256.hash(ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(seed)
                        .putLong(number)
                        .array())
                .bytes();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
