package dev.narsil.gateway.pinning;

import java.io.IOException;

/** Says what of a document is not as an API wants it, in one line. */
public final class PinFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    PinFormatException(String message) {
        super(message);
    }
}
