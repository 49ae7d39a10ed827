package dev.narsil.gateway.alias;

/** What a {@link StoredForm} has around the bytes of a NAR. */
interface Framing {

    /** Returns what is before the first chunk of a NAR of this size. Its length is always the same. */
    byte[] head(long narSize);

    /** Length of what is before each chunk, in bytes. */
    int headerLength();

    /**
     * Returns what is before a chunk.
     *
     * @param size number of bytes of the NAR in it
     */
    byte[] header(boolean first, boolean last, int size);

    /** Returns what is behind the last chunk of a NAR of this size, which has {@code chunks} of them. */
    byte[] tail(long narSize, long chunks, int crc32);
}
