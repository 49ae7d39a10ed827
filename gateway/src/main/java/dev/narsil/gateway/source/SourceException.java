package dev.narsil.gateway.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Says what a binary cache does not give, in one line without credentials. */
public final class SourceException extends IOException {

    private static final long serialVersionUID = 1L;

    public SourceException(String message) {
        this(message, null);
    }

    public SourceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
