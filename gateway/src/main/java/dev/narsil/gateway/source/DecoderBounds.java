package dev.narsil.gateway.source;

/**
 * How much memory decoders may take whose files say how much they want.
 *
 * @param lzmaKib most memory of a decoder of xz or lzma, in KiB; on the heap
 * @param lzipDictionary largest dictionary of an lzip member, in bytes; on the heap
 * @param zstdWindowLog largest window of a zstd frame, as a power of two
 */
public record DecoderBounds(int lzmaKib, int lzipDictionary, int zstdWindowLog) {

    /**
     * For files of NARs: the dictionary of 64 MiB that {@code xz -9} uses, and what goes with it; twice the dictionary
     * of {@code lzip -9}; the window of 128 MiB that the {@code zstd} tool takes without being asked.
     */
    static final DecoderBounds NAR = new DecoderBounds(72 << 10, 64 << 20, 27);

    /** For a small file in a coding: what the usual level of each tool uses, a dictionary or window of 8 MiB. */
    static final DecoderBounds SMALL_FILE = new DecoderBounds(10 << 10, 8 << 20, 23);

    /** What a decoder of xz or lzma takes besides its dictionary. */
    private static final int LZMA_BESIDES_KIB = 1 << 10;

    /** Bounds of decoders whose window or dictionary takes {@code mib} MiB, a power of two. */
    public static DecoderBounds ofWindow(int mib) {
        return new DecoderBounds((mib << 10) + LZMA_BESIDES_KIB, mib << 20, 20 + Integer.numberOfTrailingZeros(mib));
    }
}
