package dev.narsil.gateway.download;

/**
 * What downloads have done so far, and what they hold now.
 *
 * @param active downloads that run, wait, or whose NARs are not durable yet
 * @param readers clients that read from them
 * @param spoolBytes bytes set aside for spool files
 * @param started downloads begun
 * @param joined clients that found a download of their NAR already there
 * @param completed downloads whose NarHash was right
 * @param stored NARs that became durable in the store
 * @param notStored NARs that clients got in full but that could not be stored
 * @param failed downloads that ended before the NAR was complete, wrong ones with them
 * @param mismatches downloads of which the NarHash was wrong
 * @param cancelled downloads that nobody wanted any more
 * @param refused requests for which there was no room
 * @param resumed times a file was continued where its connection broke off
 * @param switched times a NAR was continued from another file
 * @param hedged times a holder was asked because the one before was slow
 * @param wireBytes bytes that came from upstreams
 * @param narBytes bytes of NARs that came out of them
 * @param wonByStore NARs that were wanted and stored
 * @param wonByHttp NARs of which an upstream sent some first
 * @param wonByIpfs NARs of which a daemon of IPFS gave some first
 */
public record DownloadState(
        int active,
        int readers,
        long spoolBytes,
        long started,
        long joined,
        long completed,
        long stored,
        long notStored,
        long failed,
        long mismatches,
        long cancelled,
        long refused,
        long resumed,
        long switched,
        long hedged,
        long wireBytes,
        long narBytes,
        long wonByStore,
        long wonByHttp,
        long wonByIpfs) {}
