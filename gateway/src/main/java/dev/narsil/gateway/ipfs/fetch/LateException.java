package dev.narsil.gateway.ipfs.fetch;

import java.io.IOException;

/** Says that a block did not come in time. */
final class LateException extends IOException {

    private static final long serialVersionUID = 1L;

    LateException(String message, Throwable cause) {
        super(message, cause);
    }
}
