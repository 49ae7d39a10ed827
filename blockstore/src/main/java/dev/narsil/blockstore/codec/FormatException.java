package dev.narsil.blockstore.codec;

import java.io.IOException;

/** Says that stored bytes cannot be read: they are truncated, corrupt, or of a newer version. */
public final class FormatException extends IOException {

    private static final long serialVersionUID = 1L;

    public FormatException(String message) {
        super(message);
    }
}
