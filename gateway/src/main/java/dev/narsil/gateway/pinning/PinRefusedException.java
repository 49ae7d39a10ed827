package dev.narsil.gateway.pinning;

import java.io.IOException;

/** Says that somebody may keep nothing more here. */
public final class PinRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    PinRefusedException(String reason) {
        super(reason);
    }
}
