package dev.narsil.blockstore.ipfs;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.StoredNar;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pieces of a range of a NAR, asked for in ascending order. Not safe for use by several threads. */
final class NarCursor implements AutoCloseable {

    private final NarReader reader;
    private @Nullable NarSlice slice;

    /** Offset in the NAR of the first byte of the slice, or of what comes next if there is none. */
    private long slicePosition;

    /** A cursor over bytes {@code from} to {@code from + length}, which are at least one. */
    NarCursor(StoredNar nar, long from, long length) {
        this.reader = nar.read(from, length);
        this.slicePosition = from;
    }

    /**
     * Returns the {@code length} bytes at {@code offset}, which lie in the range and not before those returned last.
     */
    NarSlice take(long offset, int length) throws IOException {
        while (slice == null || slicePosition + slice.length() <= offset) {
            advance();
        }
        int skip = (int) (offset - slicePosition);
        if (slice.length() - skip >= length) {
            return new NarSlice(slice.array(), slice.offset() + skip, length);
        }
        byte[] bytes = new byte[length];
        int filled = 0;
        while (true) {
            NarSlice current = Objects.requireNonNull(slice);
            int from = filled == 0 ? skip : 0;
            int count = Math.min(current.length() - from, length - filled);
            System.arraycopy(current.array(), current.offset() + from, bytes, filled, count);
            filled += count;
            if (filled == length) {
                return new NarSlice(bytes, 0, length);
            }
            advance();
        }
    }

    private void advance() throws IOException {
        if (slice != null) {
            slicePosition += slice.length();
        }
        slice = reader.next();
        if (slice == null) {
            throw new IllegalStateException("nothing is left at " + slicePosition);
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
