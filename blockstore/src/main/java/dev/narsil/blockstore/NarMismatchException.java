package dev.narsil.blockstore;

import java.io.IOException;

/** Says that a NAR is not the one its narinfo announces. */
public final class NarMismatchException extends IOException {

    private static final long serialVersionUID = 1L;

    public NarMismatchException(String message) {
        super(message);
    }
}
