package dev.narsil.gateway.alias;

/** A part of an alias' file. */
public sealed interface Segment {

    /** Its length in bytes. */
    long length();

    /** Framing: {@code size} bytes of {@code array} from {@code offset} on. */
    @SuppressWarnings("ArrayRecordComponent")
    record Literal(byte[] array, int offset, int size) implements Segment {
        @Override
        public long length() {
            return size;
        }
    }

    /** Bytes {@code from} to {@code from + length} of the NAR. */
    record NarRange(long from, long length) implements Segment {}
}
