package dev.narsil.gateway.cli;

import java.io.IOException;

/** A command about a store, which runs in whatever process owns its data directory. */
interface StoreCommand {

    /**
     * Refuses arguments that make no sense together, before anything is opened.
     *
     * @throws CommandException of {@link ExitCode#USAGE}
     */
    default void check() throws CommandException {}

    StoreUse use();

    /** Runs it and returns its exit code. */
    int run(Invocation invocation) throws IOException;
}
