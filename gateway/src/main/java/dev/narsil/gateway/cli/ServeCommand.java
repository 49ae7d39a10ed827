package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.collect.CollectionSchedule;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.ControlClient;
import dev.narsil.gateway.control.ControlServer;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.gateway.upload.Uploads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves the store as a binary cache until it is told to stop, and takes the commands of other processes. */
@Command(
        name = "serve",
        description = {
            "Serves the store as a binary cache, until it is stopped (Ctrl-C or SIGTERM).",
            "Other commands on the same data directory then run inside this process."
        },
        footer = {
            "",
            "Examples:",
            "  narsil serve",
            "  narsil serve --listen '[::1]:7745' --data /srv/narsil",
            "",
            "Then, in nix.conf of a machine that shall use it:",
            "  extra-substituters = http://127.0.0.1:7745"
        })
final class ServeCommand implements Callable<Integer> {

    private final NarsilCommand root;
    private final Environment environment;
    private final CommandStreams streams;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = ServerOptions.DEFAULT_HOST + ":" + ServerOptions.DEFAULT_PORT,
            converter = ListenAddress.Converter.class,
            description = "Where to listen (default: ${DEFAULT-VALUE}); port 0 takes a free one.")
    private @Nullable ListenAddress listen;

    @Option(
            names = "--priority",
            paramLabel = "N",
            defaultValue = "" + ServerOptions.DEFAULT_PRIORITY,
            description = "Nix asks caches with lower priorities first (default: ${DEFAULT-VALUE}; "
                    + "cache.nixos.org has 40).")
    private int priority;

    ServeCommand(NarsilCommand root, Environment environment, CommandStreams streams) {
        this.root = root;
        this.environment = environment;
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (priority < 0) {
            throw new ParameterException(
                    Arguments.required(spec).commandLine(), "a priority is not negative: " + priority);
        }
        ListenAddress wanted = Arguments.required(listen);
        Path directory = DataDirectory.resolve(root.data(), environment);
        requireUnserved(directory);
        CountDownLatch stopped = new CountDownLatch(1);
        streams.cancellation().onCancel(stopped::countDown);
        try (NarStore store = DataDirectory.open(directory, root.storeOptions());
                Uploads uploads =
                        new Uploads(store, UploadOptions.DEFAULT, directory.toFile()::getUsableSpace);
                CacheServer server = listen(Services.of(store).withUploads(uploads), wanted);
                CollectionSchedule _ = CollectionSchedule.start(store, InstantSource.system());
                ControlServer control = ControlServer.start(
                        directory, new ServedCommands(store, Tokens.load(store), directory, environment.debug()))) {
            ready(wanted.withPort(server.address().getPort()), directory);
            await(stopped);
            if (control.running() > 0) {
                tell("stopping; this cancels " + Units.count(control.running(), "command") + "\n");
            }
        }
        return ExitCode.OK;
    }

    private static void requireUnserved(Path directory) throws IOException {
        Optional<ControlClient> other = ControlClient.connect(directory);
        if (other.isPresent()) {
            other.get().close();
            throw new CommandException(ExitCode.TEMPORARY, "another narsil process serves " + directory + " already");
        }
    }

    private CacheServer listen(Services services, ListenAddress address) throws IOException {
        try {
            return CacheServer.start(
                    services,
                    ServerOptions.DEFAULT
                            .withAddress(address.host(), address.port())
                            .withPriority(priority));
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("already in use")) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "another program listens on " + address + " already; stop it, or choose another port with "
                                + "--listen " + address.withPort(address.port() + 1));
            }
            throw e;
        }
    }

    private void ready(ListenAddress address, Path directory) throws IOException {
        streams.out().write(("listening on " + address.url() + "\n").getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
        if (!root.quiet()) {
            tell("  store     " + directory + "\n"
                    + "  nix.conf  extra-substituters = " + address.url() + "\n"
                    + "            (signatures are served as they were imported: trust the same keys as before)\n");
        }
    }

    private void tell(String text) throws IOException {
        streams.err().write(text.getBytes(StandardCharsets.UTF_8));
        streams.err().flush();
    }

    private static void await(CountDownLatch stopped) {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
