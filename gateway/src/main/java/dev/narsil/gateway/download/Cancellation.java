package dev.narsil.gateway.download;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a download that nobody wants any more. Any thread may ask for it, which ends what the thread of the download
 * waits for; only that one says what that is, and looks whether to go on after it has said so.
 */
final class Cancellation {

    private static final Logger LOG = LoggerFactory.getLogger(Cancellation.class);

    private static final String UNWANTED = "nobody wants the NAR any more";

    private volatile boolean cancelled;
    private volatile @Nullable HolderRace race;
    private volatile @Nullable WireFile file;

    /** Asks for it, by any thread. */
    void cancel() {
        cancelled = true;
        HolderRace running = race;
        if (running != null) {
            running.cancel();
        }
        WireFile open = file;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("closing a file", e);
            }
        }
    }

    /** Whether it was asked for. */
    boolean isCancelled() {
        return cancelled;
    }

    /** Fails if it was asked for. */
    void check() throws DownloadException {
        if (cancelled) {
            throw reason();
        }
    }

    /** Returns what readers are told. */
    static DownloadException reason() {
        return new DownloadException(DownloadException.Kind.CANCELLED, UNWANTED);
    }

    /** Hears which race is waited for; null for none. */
    void waitsFor(@Nullable HolderRace running) {
        race = running;
    }

    /** Hears which file is read; null for none. */
    void reads(@Nullable WireFile open) {
        file = open;
    }
}
