package dev.narsil.gateway.upload;

import dev.narsil.gateway.narinfo.SecretKey;
import java.util.List;

/**
 * What is taken from clients that upload, and how much at a time.
 *
 * @param signingKeys keys that sign every path that is uploaded; signatures it brings stay
 * @param maxNarBytes longest NAR, and longest file of one, in bytes
 * @param allowNonCanonical whether a NAR is taken that is not as Nix writes it
 * @param replaceConflicting whether a path is replaced by one of another NAR or with other references, instead of 409
 * @param maxNars most NARs being uploaded at a time, those that wait for memory among them
 * @param maxSmall most other uploads at a time
 * @param memoryMib memory for NARs that are decoded and stored at a time
 * @param spareBytes space on the disk that uploads leave free
 * @param pace how slow a client may be
 */
public record UploadOptions(
        List<SecretKey> signingKeys,
        long maxNarBytes,
        boolean allowNonCanonical,
        boolean replaceConflicting,
        int maxNars,
        int maxSmall,
        int memoryMib,
        long spareBytes,
        BodyPipe.Pace pace) {

    public static final long DEFAULT_MAX_NAR_BYTES = 64L << 30;
    public static final int DEFAULT_MAX_NARS = 256;
    public static final int DEFAULT_MAX_SMALL = 64;
    public static final long DEFAULT_SPARE_BYTES = 256L << 20;

    private static final int LEAST_MEMORY_MIB = 64;
    private static final int MOST_MEMORY_MIB = 1024;
    private static final int SHARE_OF_HEAP = 4;

    /** Nothing is signed, and a quarter of the heap is for NARs. */
    public static final UploadOptions DEFAULT = new UploadOptions(
            List.of(),
            DEFAULT_MAX_NAR_BYTES,
            false,
            false,
            DEFAULT_MAX_NARS,
            DEFAULT_MAX_SMALL,
            shareOfHeap(Runtime.getRuntime().maxMemory()),
            DEFAULT_SPARE_BYTES,
            BodyPipe.Pace.DEFAULT);

    public UploadOptions {
        signingKeys = List.copyOf(signingKeys);
        if (maxNarBytes < 1 || maxNars < 1 || maxSmall < 1 || memoryMib < 1 || spareBytes < 0) {
            throw new IllegalArgumentException("bounds of uploads are positive");
        }
    }

    /** Returns these options with other keys that sign. */
    public UploadOptions withSigningKeys(List<SecretKey> keys) {
        return new UploadOptions(
                keys,
                maxNarBytes,
                allowNonCanonical,
                replaceConflicting,
                maxNars,
                maxSmall,
                memoryMib,
                spareBytes,
                pace);
    }

    /** Returns these options with other policies. */
    public UploadOptions withPolicies(boolean newAllowNonCanonical, boolean newReplaceConflicting) {
        return new UploadOptions(
                signingKeys,
                maxNarBytes,
                newAllowNonCanonical,
                newReplaceConflicting,
                maxNars,
                maxSmall,
                memoryMib,
                spareBytes,
                pace);
    }

    /** Returns these options with other bounds of what a client sends. */
    public UploadOptions withLimits(long newMaxNarBytes, int newMaxNars, BodyPipe.Pace newPace) {
        return new UploadOptions(
                signingKeys,
                newMaxNarBytes,
                allowNonCanonical,
                replaceConflicting,
                newMaxNars,
                maxSmall,
                memoryMib,
                spareBytes,
                newPace);
    }

    /** Returns these options with other bounds of what uploads take of the machine. */
    public UploadOptions withSpace(int newMemoryMib, long newSpareBytes) {
        return new UploadOptions(
                signingKeys,
                maxNarBytes,
                allowNonCanonical,
                replaceConflicting,
                maxNars,
                maxSmall,
                newMemoryMib,
                newSpareBytes,
                pace);
    }

    private static int shareOfHeap(long heapBytes) {
        return Math.clamp((heapBytes >> 20) / SHARE_OF_HEAP, LEAST_MEMORY_MIB, MOST_MEMORY_MIB);
    }
}
