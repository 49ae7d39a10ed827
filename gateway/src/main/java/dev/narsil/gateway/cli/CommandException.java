package dev.narsil.gateway.cli;

import java.io.IOException;

/** Ends a command with a sentence for its user and an exit code. */
final class CommandException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
