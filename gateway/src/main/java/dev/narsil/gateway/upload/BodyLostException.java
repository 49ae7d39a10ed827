package dev.narsil.gateway.upload;

import java.io.IOException;

/** Says that the rest of an upload will not come: the client is gone, or sends nothing. There is nobody to tell. */
public final class BodyLostException extends IOException {

    private static final long serialVersionUID = 1L;

    BodyLostException(String message) {
        super(message);
    }
}
