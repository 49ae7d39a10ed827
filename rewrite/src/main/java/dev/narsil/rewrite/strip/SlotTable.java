package dev.narsil.rewrite.strip;

import dev.narsil.rewrite.hash.NixBase32;
import dev.narsil.rewrite.path.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;

/** The distinct digests of a NAR by slot, which is their rank by first occurrence. Grows at its end only. */
public final class SlotTable {

    /** Most slots a NAR can have. */
    public static final int MAX_SLOTS = 1 << 18;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int INITIAL_CAPACITY = 16;
    private static final int FREE = -1;

    // unknown to whoever made the NAR, lest many digests fall on one index
    private static final long[] SECRETS = new SplittableRandom().longs(4).toArray();

    private byte[] text = new byte[INITIAL_CAPACITY * Digest.LENGTH];
    private int[] index = freeIndex(2 * INITIAL_CAPACITY);
    private int size;

    /**
     * Returns the table that {@link #toBytes()} wrote.
     *
     * @throws IllegalArgumentException if the length is no multiple of 20, a digest occurs twice, or there are more
     *     than {@link #MAX_SLOTS}
     */
    public static SlotTable of(byte[] bytes) {
        int count = bytes.length / Digest.BYTES;
        if (bytes.length % Digest.BYTES != 0) {
            throw new IllegalArgumentException("not a number of digests: " + bytes.length + " bytes");
        }
        SlotTable table = new SlotTable();
        byte[] characters = new byte[Digest.LENGTH];
        for (int i = 0; i < count; i++) {
            NixBase32.encode(bytes, i * Digest.BYTES, Digest.BYTES, characters, 0);
            if (table.add(characters, 0) != i) {
                throw new IllegalArgumentException("digest " + i + " occurs twice");
            }
        }
        return table;
    }

    /** Number of slots. */
    public int size() {
        return size;
    }

    /** Returns the slot of the digest whose 32 characters stand at {@code off}, or -1 if it has none. */
    public int find(byte[] characters, int off) {
        return index[probe(characters, off)];
    }

    /**
     * Returns the slot of the digest whose 32 characters stand at {@code off}, giving it the next one if it has none.
     *
     * @throws IllegalArgumentException if it is not 32 nix-base32 characters, or there are {@link #MAX_SLOTS} already
     */
    public int add(byte[] characters, int off) {
        int place = probe(characters, off);
        if (index[place] != FREE) {
            return index[place];
        }
        for (int i = off; i < off + Digest.LENGTH; i++) {
            if (!NixBase32.isDigit(characters[i])) {
                throw new IllegalArgumentException(
                        "not the text of a digest: byte " + (i - off) + " is " + characters[i]);
            }
        }
        if (size == MAX_SLOTS) {
            throw new IllegalArgumentException("more than " + MAX_SLOTS + " slots");
        }
        if (text.length == size * Digest.LENGTH) {
            text = Arrays.copyOf(text, 2 * text.length);
        }
        System.arraycopy(characters, off, text, size * Digest.LENGTH, Digest.LENGTH);
        index[place] = size;
        size++;
        if (2 * size > index.length) {
            index = freeIndex(2 * index.length);
            for (int slot = 0; slot < size; slot++) {
                index[probe(text, slot * Digest.LENGTH)] = slot;
            }
        }
        return size - 1;
    }

    /** Copies the 32 characters of a slot's digest into {@code target} at {@code off}. */
    public void copyText(int slot, byte[] target, int off) {
        copyText(slot, 0, target, off, Digest.LENGTH);
    }

    /** Copies {@code len} characters of a slot's digest, from character {@code from} on, into {@code target}. */
    void copyText(int slot, int from, byte[] target, int off, int len) {
        System.arraycopy(text, Objects.checkIndex(slot, size) * Digest.LENGTH + from, target, off, len);
    }

    /** Returns the digest of a slot. */
    public Digest digest(int slot) {
        byte[] bytes = new byte[Digest.BYTES];
        NixBase32.decode(text, Objects.checkIndex(slot, size) * Digest.LENGTH, Digest.LENGTH, bytes);
        return Digest.of(bytes, 0);
    }

    /** Returns the digests in order of their slots, 20 bytes each. */
    public byte[] toBytes() {
        byte[] bytes = new byte[size * Digest.BYTES];
        for (int slot = 0; slot < size; slot++) {
            digest(slot).copyTo(bytes, slot * Digest.BYTES);
        }
        return bytes;
    }

    /** Place in the index where the digest's slot stands, or would. */
    private int probe(byte[] characters, int off) {
        Objects.checkFromIndexSize(off, Digest.LENGTH, characters.length);
        int mask = index.length - 1;
        int place = hash(characters, off) & mask;
        while (index[place] != FREE && !isText(index[place], characters, off)) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private boolean isText(int slot, byte[] characters, int off) {
        int start = slot * Digest.LENGTH;
        return Arrays.equals(text, start, start + Digest.LENGTH, characters, off, off + Digest.LENGTH);
    }

    private static int hash(byte[] characters, int off) {
        long a = (long) LONG.get(characters, off) ^ SECRETS[0];
        long b = (long) LONG.get(characters, off + 8) ^ SECRETS[1];
        long c = (long) LONG.get(characters, off + 16) ^ SECRETS[2];
        long d = (long) LONG.get(characters, off + 24) ^ SECRETS[3];
        long h = a * b ^ Math.multiplyHigh(a, b) ^ c * d ^ Long.rotateLeft(Math.multiplyHigh(c, d), 32);
        return (int) (h ^ (h >>> 32));
    }

    private static int[] freeIndex(int length) {
        int[] index = new int[length];
        Arrays.fill(index, FREE);
        return index;
    }
}
