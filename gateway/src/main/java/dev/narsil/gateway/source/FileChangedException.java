package dev.narsil.gateway.source;

import java.io.IOException;

/** Says that a file is not the one any more of which the beginning was read. */
public final class FileChangedException extends IOException {

    private static final long serialVersionUID = 1L;

    public FileChangedException(String message) {
        super(message);
    }
}
