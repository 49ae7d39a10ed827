package dev.narsil.gateway.control;

import java.io.IOException;

/** Says what is wrong with the other side of a control connection. */
public final class ControlException extends IOException {

    private static final long serialVersionUID = 1L;

    public ControlException(String message) {
        super(message);
    }
}
