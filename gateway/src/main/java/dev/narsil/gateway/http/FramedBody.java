package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.alias.Segment;
import dev.narsil.gateway.alias.Segments;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A range of a file that holds a NAR as it is, between framing. */
final class FramedBody implements NarBody {

    private final Segments segments;
    private final @Nullable NarReader reader;
    private final long length;

    /** Bytes of the NAR that are to come before the next segment. */
    private long narLeft;

    private @Nullable NarSlice slice;
    private int taken;

    /** A range of {@code length} bytes, with a reader of the part of the NAR that is in it; null if none is. */
    FramedBody(Segments segments, @Nullable NarReader reader, long length) {
        this.segments = segments;
        this.reader = reader;
        this.length = length;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public @Nullable NarSlice next() throws IOException {
        if (narLeft > 0) {
            return nar();
        }
        return switch (segments.next()) {
            case null -> null;
            case Segment.Literal(byte[] array, int offset, int size) -> new NarSlice(array, offset, size);
            case Segment.NarRange(long from, long count) -> {
                narLeft = count;
                yield nar();
            }
        };
    }

    private NarSlice nar() throws IOException {
        NarSlice current = slice;
        if (current == null || taken == current.length()) {
            current = reader == null ? null : reader.next();
            if (current == null) {
                throw new StoreException(StoreException.Kind.CORRUPT, "the NAR ends " + narLeft + " bytes early");
            }
            slice = current;
            taken = 0;
        }
        int count = (int) Math.min(narLeft, current.length() - taken);
        NarSlice part = new NarSlice(current.array(), current.offset() + taken, count);
        taken += count;
        narLeft -= count;
        return part;
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
