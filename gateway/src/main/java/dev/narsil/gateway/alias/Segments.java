package dev.narsil.gateway.alias;

import org.jspecify.annotations.Nullable;

/**
 * A range of an alias' file, segment by segment. Each is computed when it is asked for, so a range takes the same memory
 * however long it is. The NAR ranges among them lie one after another without a gap.
 */
public final class Segments {

    private final StoredFile file;
    private final long end;
    private final long narFrom;
    private final long narLength;
    private long position;

    Segments(StoredFile file, long from, long length) {
        this.file = file;
        position = from;
        end = from + length;
        narFrom = file.narBefore(from);
        narLength = file.narBefore(end) - narFrom;
    }

    /** Offset in the NAR of the first of its bytes that are in the range. */
    public long narFrom() {
        return narFrom;
    }

    /** Number of bytes of the NAR in the range; none if it is framing only. */
    public long narLength() {
        return narLength;
    }

    /** Returns the next segment, or null after the last. */
    public @Nullable Segment next() {
        if (position == end) {
            return null;
        }
        Segment segment = file.at(position, end - position);
        position += segment.length();
        return segment;
    }
}
