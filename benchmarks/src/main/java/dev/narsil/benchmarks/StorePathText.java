package dev.narsil.benchmarks;

import dev.narsil.rewrite.hash.NixBase32;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarException;
import dev.narsil.rewrite.nar.NarParser;
import dev.narsil.rewrite.nar.NarVisitor;
import dev.narsil.rewrite.path.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Changes NARs in memory so that they stay NARs: store paths into their file contents, out of them, or other bytes. */
final class StorePathText {

    private static final byte[] PREFIX = "/nix/store/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUFFIX = "-a".getBytes(StandardCharsets.US_ASCII);
    private static final int TEXT_LENGTH = PREFIX.length + Digest.LENGTH + SUFFIX.length;

    private StorePathText() {}

    private interface Contents {
        void range(int from, int to);
    }

    /** Breaks every store path, so that there are no holes. */
    static void remove(byte[] nar) {
        for (int i = 0; i <= nar.length - PREFIX.length; i++) {
            if (nar[i] == '/' && Arrays.equals(nar, i, i + PREFIX.length, PREFIX, 0, PREFIX.length)) {
                nar[i + PREFIX.length - 1] = '_';
            }
        }
    }

    /** Writes a store path over the contents of files every {@code distance} bytes; the digests are of {@code digests} sorts. */
    static void insert(byte[] nar, int distance, int digests, long salt) throws NarException {
        byte[] text = new byte[TEXT_LENGTH];
        System.arraycopy(PREFIX, 0, text, 0, PREFIX.length);
        System.arraycopy(SUFFIX, 0, text, PREFIX.length + Digest.LENGTH, SUFFIX.length);
        int[] count = {0};
        forEachContents(nar, (from, to) -> {
            for (int at = from; at + TEXT_LENGTH <= to; at += distance) {
                NixBase32.encode(digest(salt, count[0]++ % digests), 0, Digest.BYTES, text, PREFIX.length);
                System.arraycopy(text, 0, nar, at, TEXT_LENGTH);
            }
        });
    }

    /** Writes 8 bytes of noise over the contents of files every {@code distance} bytes, so that no block is known. */
    static void spoil(byte[] nar, int distance, long salt) throws NarException {
        forEachContents(nar, (from, to) -> {
            for (int at = from; at + Long.BYTES <= to; at += distance) {
                ByteBuffer.wrap(nar).putLong(at, (salt * 0x9e3779b97f4a7c15L) ^ (at * 0xbf58476d1ce4e5b9L));
            }
        });
    }

    private static byte[] digest(long salt, int number) {
        return Sha256.hash(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                        .putLong(salt)
                        .putInt(number)
                        .array())
                .bytes();
    }

    private static void forEachContents(byte[] nar, Contents contents) throws NarException {
        byte[] original = nar.clone();
        NarParser parser = new NarParser(new NarVisitor() {
            @Override
            public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
                contents.range((int) contentsOffset, (int) (contentsOffset + size));
            }
        });
        parser.feed(original, 0, original.length);
        parser.finish();
    }
}
