package dev.narsil.gateway.control;

import java.io.IOException;

/** Says that a command ended early because its user went away. */
public final class CancelledException extends IOException {

    private static final long serialVersionUID = 1L;

    public CancelledException() {
        super("cancelled");
    }
}
