package dev.narsil.blockstore;

/**
 * What a garbage collection took away.
 *
 * @param nars NARs that no path has
 * @param narBytes sum of their lengths
 * @param recipes recipes that no NAR has
 * @param blocks blocks that no recipe has
 * @param blockBytes sum of their raw lengths
 * @param packs packs without a block left
 * @param newlyUnclaimed NARs found without a path and noted as such, to go later
 * @param bytesBefore bytes of all files on disk when it began
 * @param bytesAfter the same when it ended; others may have written meanwhile
 */
public record GarbageReport(
        long nars,
        long narBytes,
        long recipes,
        long blocks,
        long blockBytes,
        long packs,
        long newlyUnclaimed,
        long bytesBefore,
        long bytesAfter) {

    /** Bytes on disk it gave back; 0 if others wrote more meanwhile. */
    public long freedBytes() {
        return Math.max(0, bytesBefore - bytesAfter);
    }
}
