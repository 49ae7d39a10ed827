package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.ControlClient;
import dev.narsil.gateway.control.ControlRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command for the user of this process: in the process that serves the data directory where there is one, else here, on
 * a store opened for the command.
 */
final class LocalHost implements CommandHost {

    private final List<String> arguments;
    private final NarsilCommand root;
    private final Environment environment;
    private final CommandStreams streams;

    LocalHost(List<String> arguments, NarsilCommand root, Environment environment, CommandStreams streams) {
        this.arguments = List.copyOf(arguments);
        this.root = root;
        this.environment = environment;
        this.streams = streams;
    }

    @Override
    public int run(StoreCommand command) throws IOException {
        Configuration configuration = ConfigLocation.load(root, environment, Map.of());
        Path directory = DataDirectory.resolve(configuration, environment);
        Optional<ControlClient> server = ControlClient.connect(directory);
        if (server.isEmpty()) {
            return runHere(command, directory, configuration);
        }
        try (ControlClient client = server.get()) {
            streams.cancellation().onCancel(() -> close(client));
            ControlRequest request = new ControlRequest(arguments, environment.folder(), environment.terminal());
            return client.run(request, streams.in(), streams.out(), streams.err());
        } catch (ClosedChannelException e) {
            streams.cancellation().check();
            throw e;
        }
    }

    private int runHere(StoreCommand command, Path directory, Configuration configuration) throws IOException {
        if (command.use() != StoreUse.CREATE && !DataDirectory.holdsStore(directory)) {
            if (command.use() == StoreUse.REQUIRE) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "there is no store in " + directory + " yet; 'narsil import' or 'narsil serve' makes one");
            }
            return command.run(invocation(null, directory, configuration));
        }
        try (NarStore store = DataDirectory.open(directory, storeOptions(configuration))) {
            return command.run(invocation(store, directory, configuration));
        }
    }

    private static StoreOptions storeOptions(Configuration configuration) {
        return NarsilCommand.storeOptions(configuration.get(Settings.STORE_DIR));
    }

    private Invocation invocation(@Nullable NarStore store, Path directory, Configuration configuration) {
        return new Invocation(
                store,
                null,
                directory,
                configuration.donors(),
                storeOptions(configuration),
                ServeSetup.donationPolicy(configuration),
                environment.folder(),
                streams,
                environment.terminal(),
                root.quiet());
    }

    private static void close(ControlClient client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
