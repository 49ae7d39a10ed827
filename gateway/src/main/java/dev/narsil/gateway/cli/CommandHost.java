package dev.narsil.gateway.cli;

import java.io.IOException;

/** Brings a parsed command and its store together. */
@FunctionalInterface
interface CommandHost {

    /** Runs a command to its end and returns its exit code. */
    int run(StoreCommand command) throws IOException;
}
