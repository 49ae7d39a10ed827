package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.control.CommandRunner;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.ControlRequest;
import dev.narsil.gateway.replicas.DonorOptions;
import dev.narsil.rewrite.path.StoreDir;
import java.nio.file.Path;
import java.util.List;

/** Runs the commands that reach a serving process, on its store. */
final class ServedCommands implements CommandRunner {

    private final NarStore store;
    private final Serving serving;
    private final Path dataDirectory;
    private final List<DonorOptions> donors;
    private final boolean debug;

    ServedCommands(NarStore store, Serving serving, Path dataDirectory, List<DonorOptions> donors, boolean debug) {
        this.store = store;
        this.serving = serving;
        this.dataDirectory = dataDirectory;
        this.donors = List.copyOf(donors);
        this.debug = debug;
    }

    @Override
    public int run(ControlRequest request, CommandStreams streams) {
        NarsilCommand root = new NarsilCommand();
        CommandHost host = command -> {
            checkStoreDir(root.storeDir().orElse(store.storeDir()));
            return command.run(new Invocation(
                    store,
                    serving,
                    dataDirectory,
                    donors,
                    NarsilCommand.storeOptions(store.storeDir()),
                    serving.sharing().policy(),
                    request.folder(),
                    streams,
                    request.terminal(),
                    root.quiet()));
        };
        return Program.commandLine(root, host, streams, request.terminal(), debug)
                .execute(request.arguments().toArray(String[]::new));
    }

    /** Refuses what opening the store for {@code wanted} would refuse, in the same words. */
    private void checkStoreDir(StoreDir wanted) throws StoreException {
        if (!store.storeDir().equals(wanted)) {
            throw new StoreException(
                    StoreException.Kind.INCOMPATIBLE,
                    "the store cannot be opened: it holds paths of " + store.storeDir() + ", not of " + wanted);
        }
    }
}
