package dev.narsil.gateway.download;

import java.time.Duration;

/**
 * What downloads may take.
 *
 * @param downloads most that run at a time; more wait in line
 * @param waiting most that wait in line; more are refused
 * @param ingests most NARs of downloads that are taken into the store at a time
 * @param spoolBytes most bytes of all spool files; a NAR that is larger by itself is let in alone
 * @param freeDiskBytes bytes of the disk that spool files leave free
 * @param decoderMib memory of all decoders, in MiB
 * @param firstByte how long a holder may take to begin before the next is asked as well, at most: a holder that is known
 *     to be quick has less
 * @param stall how long a holder is waited for without 16 KiB coming, while another is left; how long
 *     in all is the holder's matter
 * @param grace how long a download that no client reads any more goes on before it is past half
 * @param suspicion how long it is remembered which holder gave wrong bytes, and that clients got some
 */
public record DownloadLimits(
        int downloads,
        int waiting,
        int ingests,
        long spoolBytes,
        long freeDiskBytes,
        int decoderMib,
        Duration firstByte,
        Duration stall,
        Duration grace,
        Duration suspicion) {

    public static final DownloadLimits DEFAULT = new DownloadLimits(
            16,
            256,
            2,
            16L << 30,
            1L << 30,
            160,
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofMinutes(10));

    public DownloadLimits {
        if (downloads < 1 || waiting < 1 || ingests < 1 || decoderMib < 1) {
            throw new IllegalArgumentException("at least one of each is needed");
        }
    }

    /** Returns these limits with another number of downloads that run, and that wait. */
    public DownloadLimits withDownloads(int newDownloads, int newWaiting) {
        return new DownloadLimits(
                newDownloads,
                newWaiting,
                ingests,
                spoolBytes,
                freeDiskBytes,
                decoderMib,
                firstByte,
                stall,
                grace,
                suspicion);
    }

    /** Returns these limits with other times. */
    public DownloadLimits withTimes(Duration newFirstByte, Duration newStall, Duration newGrace) {
        return new DownloadLimits(
                downloads,
                waiting,
                ingests,
                spoolBytes,
                freeDiskBytes,
                decoderMib,
                newFirstByte,
                newStall,
                newGrace,
                suspicion);
    }

    /** Returns these limits with another bound of the spool and of the disk left free. */
    public DownloadLimits withSpool(long newSpoolBytes, long newFreeDiskBytes) {
        return new DownloadLimits(
                downloads,
                waiting,
                ingests,
                newSpoolBytes,
                newFreeDiskBytes,
                decoderMib,
                firstByte,
                stall,
                grace,
                suspicion);
    }
}
