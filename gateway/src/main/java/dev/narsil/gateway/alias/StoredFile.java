package dev.narsil.gateway.alias;

/** The layout of one NAR in a {@link StoredForm}: what is at which offset of the file. */
final class StoredFile {

    private final Framing framing;
    private final long chunkSize;
    private final long narSize;
    private final byte[] head;
    private final byte[] tail;

    /** Length of all chunks with their headers. */
    private final long body;

    StoredFile(Framing framing, long chunkSize, long narSize, int crc32) {
        StoredForm.requireSize(narSize);
        this.framing = framing;
        this.chunkSize = chunkSize;
        this.narSize = narSize;
        long chunks = (narSize - 1) / chunkSize + 1;
        head = framing.head(narSize);
        tail = framing.tail(narSize, chunks, crc32);
        body = narSize + chunks * framing.headerLength();
    }

    long length() {
        return head.length + body + tail.length;
    }

    /** Returns how many bytes of the NAR are before {@code offset} in the file. */
    long narBefore(long offset) {
        long inBody = offset - head.length;
        if (inBody <= 0) {
            return 0;
        }
        if (inBody >= body) {
            return narSize;
        }
        long period = chunkSize + framing.headerLength();
        return inBody / period * chunkSize + Math.max(0, inBody % period - framing.headerLength());
    }

    /** Returns the longest segment at {@code offset} that has at most {@code max} bytes; both are positive. */
    Segment at(long offset, long max) {
        if (offset < head.length) {
            return literal(head, offset, max);
        }
        long inBody = offset - head.length;
        if (inBody >= body) {
            return literal(tail, inBody - body, max);
        }
        long period = chunkSize + framing.headerLength();
        long chunk = inBody / period;
        long inChunk = inBody % period;
        long left = narSize - chunk * chunkSize;
        long size = Math.min(chunkSize, left);
        if (inChunk < framing.headerLength()) {
            return literal(framing.header(chunk == 0, left <= chunkSize, (int) size), inChunk, max);
        }
        long inNar = inChunk - framing.headerLength();
        return new Segment.NarRange(chunk * chunkSize + inNar, Math.min(size - inNar, max));
    }

    private static Segment literal(byte[] bytes, long from, long max) {
        return new Segment.Literal(bytes, (int) from, (int) Math.min(bytes.length - from, max));
    }
}
