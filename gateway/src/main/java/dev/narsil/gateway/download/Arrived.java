package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The hash of what has come of a NAR, and whom it came from. Safe for use by many threads. */
final class Arrived {

    private final List<Beginning> before = new ArrayList<>();
    private MessageDigest digest = Sha256.newDigest();
    private @Nullable String suspect;
    private long length;

    /** Adds bytes that came from a holder. */
    synchronized void add(String from, byte[] data, int off, int len) {
        if (suspect != null && !suspect.equals(from)) {
            before.add(new Beginning(suspect, length, hash()));
        }
        suspect = from;
        digest.update(data, off, len);
        length += len;
    }

    /** The hash of all that came. */
    synchronized Sha256 hash() {
        return hash(digest);
    }

    /** Returns the hash of what {@code digest} was fed, which may be fed on. */
    static Sha256 hash(MessageDigest digest) {
        try {
            return Sha256.finish((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every Java platform copies a SHA-256", e);
        }
    }

    /** What there is to remember if no more comes; no beginnings if nothing came. */
    synchronized Remains remains(boolean handedOut) {
        List<Beginning> beginnings = new ArrayList<>(before);
        if (suspect != null) {
            beginnings.add(new Beginning(suspect, length, hash()));
        }
        return new Remains(beginnings, handedOut);
    }

    /** Forgets all. */
    synchronized void clear() {
        before.clear();
        digest = Sha256.newDigest();
        suspect = null;
        length = 0;
    }
}
