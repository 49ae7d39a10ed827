package dev.narsil.gateway.control;

import java.io.IOException;
import java.nio.file.Path;

/** Says that the process that owns a data directory took no command; none was begun, so trying again is safe. */
public final class ControlBusyException extends IOException {

    private static final long serialVersionUID = 1L;

    ControlBusyException(Path dataDirectory, IOException cause) {
        super("the narsil process of " + dataDirectory + " is busy or stopping; try again", cause);
    }
}
