package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;

/**
 * What has come of a NAR: kept in a spool file, hashed, and remembered by whom it came if the NAR does not. One thread
 * adds; any may end it.
 */
final class Intake {

    private final Sha256 narHash;
    private final SpooledNar nar;
    private final Suspicions suspicions;
    private final Arrived arrived = new Arrived();
    private long received;
    private volatile boolean doubtful;

    Intake(Sha256 narHash, SpooledNar nar, Suspicions suspicions) {
        this.narHash = narHash;
        this.nar = nar;
        this.suspicions = suspicions;
    }

    SpooledNar nar() {
        return nar;
    }

    /** Bytes that came. */
    long received() {
        return received;
    }

    /** Bytes that are missing. */
    long missing() {
        return nar.size() - received;
    }

    /** Adds the next bytes of the NAR. */
    void add(String suspect, byte[] data, int len) throws DownloadException {
        // before readers have them, so that nothing is handed out that is not remembered
        arrived.add(suspect, data, 0, len);
        nar.append(data, 0, len);
        received += len;
    }

    /** Drops what came; returns false if that is too late, as clients have some of it. */
    boolean startOver() throws DownloadException {
        if (!nar.restart()) {
            return false;
        }
        arrived.clear();
        received = 0;
        return true;
    }

    /** Hears that what came may well be wrong. */
    void doubt() {
        doubtful = true;
    }

    /**
     * Compares the hash of all that came. If it is right, earlier downloads of the NAR are judged by it and readers have
     * the rest.
     *
     * @throws DownloadException if it is wrong
     */
    void prove() throws IOException, InterruptedException {
        Sha256 hash = arrived.hash();
        if (!hash.equals(narHash)) {
            doubt();
            throw new DownloadException(
                    DownloadException.Kind.WRONG,
                    "what came from " + arrived.remains(false).suspects() + " hashes to " + hash);
        }
        EarlierRemains.settle(narHash, nar, suspicions);
        nar.prove(suspicions.isHandedOut(narHash));
    }

    /** Ends it for its readers, unless it is proven. */
    void fail(DownloadException reason) {
        nar.fail(reason, given -> remember(reason, given));
    }

    /** Ends it if no client reads it and it is not past half; returns whether it did. */
    boolean failIfUnwanted(DownloadException reason) {
        return nar.failIfUnwanted(reason, given -> remember(reason, given));
    }

    /** Remembers what came, so that nobody who has some of it puts something else behind it. */
    private void remember(DownloadException reason, boolean given) {
        Remains remains = arrived.remains(given);
        if (reason.kind() == DownloadException.Kind.WRONG) {
            suspicions.wrong(narHash, remains);
        }
        if (given && doubtful) {
            suspicions.handedOut(narHash);
        }
        if (given || remains.isMixed()) {
            suspicions.unsettled(narHash, remains);
        }
    }
}
