package dev.narsil.blockstore.codec;

import java.io.IOException;

/** Says that stored bytes cannot be read: they are truncated, corrupt, or of a newer version. */
public final class FormatException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean newer;

    /** Says that bytes are truncated or corrupt. */
    public FormatException(String message) {
        this(message, false);
    }

    private FormatException(String message, boolean newer) {
        super(message);
        this.newer = newer;
    }

    /** Says that a newer program wrote this. */
    public static FormatException newerVersion(String what, int version, int newest) {
        return new FormatException(
                what + " is of a newer version: " + version + ", this program knows up to " + newest, true);
    }

    /** Tells whether the bytes may well be sound, but a newer program wrote them. */
    public boolean isNewerVersion() {
        return newer;
    }
}
