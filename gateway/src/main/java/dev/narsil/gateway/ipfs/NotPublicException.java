package dev.narsil.gateway.ipfs;

import java.io.IOException;

/** Says that a path is not published because no trusted key has signed it. */
public final class NotPublicException extends IOException {

    private static final long serialVersionUID = 1L;

    NotPublicException(String reason) {
        super("not published, as " + reason);
    }
}
