package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** A NAR that upstreams say they have, or that is being downloaded. Nothing is downloaded for the offer alone. */
public final class NarOffer {

    private final NarDownloads downloads;
    private final Sha256 narHash;
    private final long narSize;
    private final KnownHolders holders;

    /** An offer; without {@code holders} it stands on a download that runs. */
    NarOffer(NarDownloads downloads, Sha256 narHash, long narSize, KnownHolders holders) {
        this.downloads = downloads;
        this.narHash = narHash;
        this.narSize = narSize;
        this.holders = holders;
    }

    /** Length of the NAR in bytes. */
    public long narSize() {
        return narSize;
    }

    /**
     * Begins to read bytes {@code from} to {@code from + length}: of the download of the NAR that runs, or of one that is
     * started. Returns when the first of them can be read; empty if the NAR is stored meanwhile, or the download has ended
     * that the offer stands on, which mostly means the same.
     *
     * @throws DownloadException if there is no room, or none of the holders gives the NAR
     * @throws IndexOutOfBoundsException if the range is empty or not inside the NAR
     */
    public Optional<DownloadReader> open(long from, long length) throws IOException, InterruptedException {
        return open(from, length, _ -> {});
    }

    /**
     * As {@link #open(long, long)}, for a client that may leave meanwhile.
     *
     * @param whenLost takes what ends the wait when the client has gone; it may be given several, one after the other
     * @throws DownloadException CANCELLED if the wait was ended so
     */
    public Optional<DownloadReader> open(long from, long length, Consumer<Runnable> whenLost)
            throws IOException, InterruptedException {
        if (from < 0 || length <= 0 || length > narSize - from) {
            throw new IndexOutOfBoundsException("from=" + from + ", length=" + length + ", NarSize=" + narSize);
        }
        return downloads.open(narHash, narSize, holders, from, length, whenLost);
    }
}
