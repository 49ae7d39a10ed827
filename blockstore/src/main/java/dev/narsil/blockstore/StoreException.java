package dev.narsil.blockstore;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Says what a store could not do, and whether trying again later may help. */
public final class StoreException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Kind {
        /** The directory belongs to another process right now. */
        LOCKED,
        /** Too much is being read at the moment. */
        BUSY,
        /** No space is left for what was to be written. */
        FULL,
        /** Made by another version, for another store directory or with other chunker parameters. */
        INCOMPATIBLE,
        /** What was asked for or referred to is not stored, or no longer. */
        ABSENT,
        /** Stored bytes are not what was stored. */
        CORRUPT,
        /** Anything else the storage engine reports. */
        FAILED
    }

    private final Kind kind;

    public StoreException(Kind kind, String message) {
        this(kind, message, null);
    }

    public StoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
