package dev.narsil.gateway.download;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Says why a NAR cannot be had from upstreams. */
public final class DownloadException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Kind {
        /** No upstream gives it now. */
        UNAVAILABLE,
        /** What came was not the NAR. */
        WRONG,
        /** Too much is being downloaded, or there is no room for it. */
        BUSY,
        /** It was found in the store meanwhile. */
        STORED,
        /** Nobody wanted it any more, or the server closes. */
        CANCELLED
    }

    private final Kind kind;

    DownloadException(Kind kind, String message) {
        this(kind, message, null);
    }

    DownloadException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Returns the same for another reader, whose stack trace is its own. */
    DownloadException again() {
        return new DownloadException(kind, String.valueOf(getMessage()), this);
    }
}
