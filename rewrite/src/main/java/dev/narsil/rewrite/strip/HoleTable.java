package dev.narsil.rewrite.strip;

import java.util.Arrays;
import java.util.Objects;

/**
 * The holes of a NAR: (offset, slot) pairs in ascending order, 32 bytes each, none overlapping. Grows at its end only.
 */
public final class HoleTable {

    /** Length of a hole in bytes. */
    public static final int HOLE_LENGTH = 32;

    /** Most holes a NAR can have. */
    public static final int MAX_HOLES = 1 << 20;

    private static final int INITIAL_CAPACITY = 16;

    private long[] offsets = new long[INITIAL_CAPACITY];
    private int[] slots = new int[INITIAL_CAPACITY];
    private int size;

    /** Number of holes. */
    public int size() {
        return size;
    }

    /** Offset in the NAR of the first byte of hole {@code i}. */
    public long offset(int i) {
        return offsets[Objects.checkIndex(i, size)];
    }

    /** Slot whose digest belongs into hole {@code i}. */
    public int slot(int i) {
        return slots[Objects.checkIndex(i, size)];
    }

    /**
     * Appends a hole.
     *
     * @throws IllegalArgumentException if it is not behind the last one, either number is negative, or there are
     *     {@link #MAX_HOLES} already
     */
    public void add(long offset, int slot) {
        if (offset < 0 || slot < 0 || offset > Long.MAX_VALUE - HOLE_LENGTH) {
            throw new IllegalArgumentException("not a hole: offset " + offset + ", slot " + slot);
        }
        if (size > 0 && offset < offsets[size - 1] + HOLE_LENGTH) {
            throw new IllegalArgumentException("hole at " + offset + " is not behind the one at " + offsets[size - 1]);
        }
        if (size == MAX_HOLES) {
            throw new IllegalArgumentException("more than " + MAX_HOLES + " holes");
        }
        if (size == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * size);
            slots = Arrays.copyOf(slots, 2 * size);
        }
        offsets[size] = offset;
        slots[size] = slot;
        size++;
    }

    /** Index of the first hole that ends behind {@code position}; {@link #size()} if there is none. */
    public int firstEndingAfter(long position) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (offsets[middle] + HOLE_LENGTH > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
