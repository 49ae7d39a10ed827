package dev.narsil.gateway.cli;

import java.io.IOException;

/** A command about a store, which runs in whatever process owns its data directory. */
interface StoreCommand {

    StoreUse use();

    /** Runs it and returns its exit code. */
    int run(Invocation invocation) throws IOException;
}
