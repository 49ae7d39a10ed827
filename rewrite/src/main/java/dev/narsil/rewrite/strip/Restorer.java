package dev.narsil.rewrite.strip;

import java.util.Objects;

/**
 * Puts the digests back into a stripped NAR. Looks at no byte of it, only at the tables, which may grow between calls
 * as long as they hold every hole that overlaps the bytes of a call. Not safe for use by several threads.
 */
public final class Restorer {

    private final HoleTable holes;
    private final SlotTable slots;
    private long position;

    /** Index of the first hole that ends behind the position. */
    private int next;

    /** A restorer at the start of the stripped NAR with these tables. */
    public Restorer(HoleTable holes, SlotTable slots) {
        this.holes = holes;
        this.slots = slots;
    }

    /** Offset in the NAR of the next byte. */
    public long position() {
        return position;
    }

    /** Goes on at {@code position}, which may be inside a hole. */
    public void seek(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("negative position: " + position);
        }
        this.position = position;
        this.next = holes.firstEndingAfter(position);
    }

    /** Tells whether a hole overlaps [{@code from}, {@code to}). */
    public boolean hasHoles(long from, long to) {
        int hole = holes.firstEndingAfter(from);
        return hole < holes.size() && holes.offset(hole) < to && from < to;
    }

    /**
     * Fills the holes of the next {@code len} bytes of the stripped NAR, which stand at {@code off}.
     *
     * @throws IndexOutOfBoundsException if a hole's slot has no digest
     */
    public void restore(byte[] buffer, int off, int len) {
        Objects.checkFromIndexSize(off, len, buffer.length);
        long end = position + len;
        for (; next < holes.size(); next++) {
            long hole = holes.offset(next);
            if (hole >= end) {
                break;
            }
            long from = Math.max(hole, position);
            long to = Math.min(hole + HoleTable.HOLE_LENGTH, end);
            slots.copyText(
                    holes.slot(next), (int) (from - hole), buffer, off + (int) (from - position), (int) (to - from));
            if (hole + HoleTable.HOLE_LENGTH > end) {
                break;
            }
        }
        position = end;
    }
}
