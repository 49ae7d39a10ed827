package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.control.CommandRunner;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.ControlRequest;
import java.nio.file.Path;

/** Runs the commands that reach a serving process, on its store. */
final class ServedCommands implements CommandRunner {

    private final NarStore store;
    private final Path dataDirectory;
    private final boolean debug;

    ServedCommands(NarStore store, Path dataDirectory, boolean debug) {
        this.store = store;
        this.dataDirectory = dataDirectory;
        this.debug = debug;
    }

    @Override
    public int run(ControlRequest request, CommandStreams streams) {
        NarsilCommand root = new NarsilCommand();
        CommandHost host = command -> command.run(new Invocation(
                store,
                dataDirectory,
                root.storeOptions(),
                request.folder(),
                streams,
                request.terminal(),
                root.quiet()));
        return Program.commandLine(root, host, streams, request.terminal(), debug)
                .execute(request.arguments().toArray(String[]::new));
    }
}
