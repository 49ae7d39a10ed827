package dev.narsil.gateway.download;

/**
 * What a reader wants of a NAR.
 *
 * @param from its first byte
 * @param end the byte behind its last
 * @param client whether a client wants it, or Narsil itself
 */
record Part(long from, long end, boolean client) {

    /** Bytes at the end of what a client wants that it does not get before the NAR is proven; all, if it is no longer. */
    static final int WITHHELD_BYTES = 64 << 10;

    /** Up to where it may be read before the NAR is proven. */
    long unprovenEnd() {
        return client ? end - Math.min(end - from, WITHHELD_BYTES) : end;
    }

    /** Whether a client may have the bytes before it already, from another download. */
    boolean isRest() {
        return client && from > 0;
    }
}
