package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.collect.CollectionSchedule;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.ListenAddress;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.ControlClient;
import dev.narsil.gateway.control.ControlServer;
import dev.narsil.gateway.download.DownloadLimits;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.ipfs.fetch.IpfsFetch;
import dev.narsil.gateway.ipfs.index.IndexLookups;
import dev.narsil.gateway.ipfs.index.IndexedPaths;
import dev.narsil.gateway.ipfs.index.RefreshSchedule;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.replicas.ReplicaSchedule;
import dev.narsil.gateway.sharing.UpstreamSupply;
import dev.narsil.gateway.trustless.SharedPathsIndex;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.Upstreams;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Serves the store as a binary cache until it is told to stop, and takes the commands of other processes. Its options
 * are the settings.
 */
@Command(
        name = "serve",
        abbreviateSynopsis = true,
        description = {
            "Serves the store as a binary cache, until it is stopped (Ctrl-C or SIGTERM).",
            "Other commands on the same data directory then run inside this process."
        },
        footer = {
            "",
            "Everything here can also be set in a file and by variables: 'narsil config show' lists them.",
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

    private ServeCommand(NarsilCommand root, Environment environment, CommandStreams streams) {
        this.root = root;
        this.environment = environment;
        this.streams = streams;
    }

    /** Returns the command with an option for each setting. */
    static CommandLine line(NarsilCommand root, Environment environment, CommandStreams streams) {
        CommandLine line = new CommandLine(new ServeCommand(root, environment, streams));
        SettingOptions.addTo(line.getCommandSpec());
        return line;
    }

    @Override
    public Integer call() throws IOException {
        CommandLine line = Arguments.required(spec).commandLine();
        Configuration configuration =
                ConfigLocation.load(root, environment, SettingOptions.given(line.getParseResult(), line));
        Path directory = DataDirectory.resolve(configuration, environment);
        requireUnserved(directory);
        CountDownLatch stopped = new CountDownLatch(1);
        streams.cancellation().onCancel(stopped::countDown);
        UploadOptions uploadOptions = ServeSetup.uploadOptions(configuration);
        try (NarStore store = DataDirectory.open(
                        directory, NarsilCommand.storeOptions(configuration.get(Settings.STORE_DIR)));
                @Nullable KuboClient kubo = ServeSetup.kubo(configuration);
                IndexLookups lookups = new IndexLookups(store);
                @Nullable IndexedPaths indexed = ServeSetup.indexedPaths(configuration, kubo, lookups);
                Upstreams upstreams =
                        Upstreams.start(store, configuration.get(Settings.UPSTREAM), UpstreamLimits.DEFAULT, indexed);
                @Nullable IpfsFetch fetch = ServeSetup.ipfsFetch(kubo, store, upstreams, lookups);
                NarDownloads downloads = NarDownloads.start(
                        store, directory, ServeSetup.holders(upstreams, fetch), DownloadLimits.DEFAULT)) {
            Uploads uploads = new Uploads(
                    store,
                    uploadOptions,
                    directory.resolve(NarDownloads.SPOOL_DIRECTORY),
                    directory.toFile()::getUsableSpace,
                    downloads::bring);
            upstreams.warmUp();
            Tokens tokens = Tokens.load(store);
            Services.@Nullable Sharing sharing = ServeSetup.sharing(configuration, store);
            Services services = Services.of(store)
                    .withUpstreams(upstreams)
                    .withDownloads(downloads)
                    .withUploads(uploads)
                    .withAccess(new Access(tokens, ServeSetup.accessPolicy(configuration), InstantSource.system()));
            if (sharing != null) {
                services = services.withSharing(sharing);
            }
            if (fetch != null) {
                services = services.withFetch(fetch);
            }
            ServerOptions options = ServeSetup.serverOptions(configuration);
            try (@Nullable PinService pins = ServeSetup.pins(configuration, store, kubo, tokens);
                    CacheServer server = start(pins == null ? services : services.withPins(pins), options);
                    @Nullable
                            SharedPathsIndex _ =
                                    sharing == null ? null : SharedPathsIndex.start(store, sharing.paths());
                    @Nullable ReplicaSchedule _ = ServeSetup.replicas(configuration, store, kubo, server.metrics());
                    CollectionSchedule _ = CollectionSchedule.start(store, InstantSource.system());
                    RefreshSchedule indexes = ServeSetup.indexes(store, kubo, upstreams, server.metrics());
                    ServedSharing served = ServedSharing.start(
                            configuration,
                            store,
                            new UpstreamSupply(store, upstreams, downloads),
                            kubo,
                            server.metrics());
                    ControlServer control = ControlServer.start(
                            directory,
                            new ServedCommands(
                                    store,
                                    new Serving(tokens, upstreams, downloads, fetch, indexes.meters(), served),
                                    directory,
                                    configuration.donors(),
                                    environment.debug()))) {
                ready(server.addresses(), options.listen(), directory, configuration.get(Settings.OPEN_READS));
                await(stopped);
                if (control.running() > 0) {
                    tell("stopping; this cancels " + Units.count(control.running(), "command") + "\n");
                }
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

    private static CacheServer start(Services services, ServerOptions options) throws IOException {
        try {
            return CacheServer.start(services, options);
        } catch (BindException e) {
            throw new CommandException(
                    ExitCode.FAILED, e.getMessage() + "; stop it, or choose another address with --listen");
        }
    }

    private void ready(List<SocketAddress> addresses, ServerOptions.Listen listen, Path directory, boolean openReads)
            throws IOException {
        StringBuilder text = new StringBuilder();
        for (SocketAddress address : addresses) {
            text.append("listening on ").append(url(address, listen)).append('\n');
        }
        streams.out().write(text.toString().getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
        if (!root.quiet()) {
            tell("  store     " + directory + "\n"
                    + "  nix.conf  extra-substituters = " + url(addresses.getFirst(), listen) + "\n"
                    + "            (signatures are served as they were imported: trust the same keys as before)\n");
            if (!openReads && (listen.proxyProtocol() || addresses.stream().anyMatch(ServeCommand::isReachable))) {
                tell("  access    other machines need a token, see 'narsil token create', or --open-reads\n");
            }
        }
    }

    private static boolean isReachable(SocketAddress address) {
        return address instanceof InetSocketAddress tcp && !tcp.getAddress().isLoopbackAddress();
    }

    private static String url(SocketAddress address, ServerOptions.Listen listen) {
        String text = ListenAddress.print(address);
        return address instanceof InetSocketAddress
                ? (listen.tls() == null ? "http://" : "https://") + text + listen.basePath()
                : text;
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
