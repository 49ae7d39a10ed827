package dev.narsil.chunker;

/**
 * The bounds of the blocks a {@link Chunker} cuts, in bytes. They are part of the stored format: blocks cut with other
 * parameters hardly ever coincide.
 *
 * @param min no block but the last of a stream is shorter
 * @param average the length around which cuts become likelier; a power of two
 * @param max no block is longer
 */
public record ChunkerParameters(int min, int average, int max) {

    /** 8 / 32 / 128 KiB. */
    public static final ChunkerParameters DEFAULT = new ChunkerParameters(8 << 10, 32 << 10, 128 << 10);

    public ChunkerParameters {
        if (min < Chunker.WINDOW || min >= average || average >= max || max > 1 << 24) {
            throw new IllegalArgumentException(
                    "need 64 <= min < average < max <= 16 MiB: min=" + min + ", average=" + average + ", max=" + max);
        }
        if (Integer.bitCount(average) != 1) {
            throw new IllegalArgumentException("average must be a power of two: average=" + average);
        }
    }
}
