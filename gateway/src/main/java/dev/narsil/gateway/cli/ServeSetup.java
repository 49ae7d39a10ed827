package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.AccessPolicy;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.donate.DonationPolicy;
import dev.narsil.gateway.download.Holders;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.ipfs.NarRoots;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.ipfs.fetch.IpfsFetch;
import dev.narsil.gateway.ipfs.fetch.KnownPaths;
import dev.narsil.gateway.ipfs.fetch.PublishedRoots;
import dev.narsil.gateway.ipfs.index.FollowedIndexes;
import dev.narsil.gateway.ipfs.index.IndexLookups;
import dev.narsil.gateway.ipfs.index.IndexedPaths;
import dev.narsil.gateway.ipfs.index.IndexedRoots;
import dev.narsil.gateway.ipfs.index.RefreshMeters;
import dev.narsil.gateway.ipfs.index.RefreshSchedule;
import dev.narsil.gateway.kubo.ApiAddress;
import dev.narsil.gateway.kubo.ApiSecret;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboLimits;
import dev.narsil.gateway.kubo.KuboOptions;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.pinning.PinServiceOptions;
import dev.narsil.gateway.replicas.Donors;
import dev.narsil.gateway.replicas.ReplicaMeters;
import dev.narsil.gateway.replicas.ReplicaSchedule;
import dev.narsil.gateway.trustless.SharedPaths;
import dev.narsil.gateway.upload.BodyPipe;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.gateway.upstream.Upstreams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What the parts of a server are given of a configuration. */
final class ServeSetup {

    private ServeSetup() {}

    static ServerOptions serverOptions(Configuration configuration) {
        return new ServerOptions(
                new ServerOptions.Listen(
                        configuration.get(Settings.LISTEN),
                        configuration.get(Settings.UNIX_SOCKET_MODE),
                        configuration.get(Settings.BASE_PATH),
                        configuration.get(Settings.PROXY_PROTOCOL),
                        tls(configuration)),
                configuration.get(Settings.PRIORITY),
                new ServerOptions.Limits(
                        configuration.get(Settings.MAX_CONNECTIONS),
                        configuration.get(Settings.MAX_REQUESTS),
                        configuration.get(Settings.MAX_DOWNLOADS),
                        configuration.get(Settings.MAX_HEADER_SIZE),
                        ServerOptions.Limits.DEFAULT.narInfoCacheBytes()),
                new ServerOptions.Timeouts(
                        configuration.get(Settings.IDLE_TIMEOUT),
                        configuration.get(Settings.READ_TIMEOUT),
                        configuration.get(Settings.WRITE_TIMEOUT),
                        configuration.get(Settings.DRAIN_DELAY),
                        configuration.get(Settings.STOP_TIMEOUT)));
    }

    /** Reads the keys that sign, too. */
    static UploadOptions uploadOptions(Configuration configuration) throws IOException {
        List<SecretKey> keys = new ArrayList<>();
        for (Path file : configuration.get(Settings.SIGN_KEY_FILE)) {
            keys.add(KeyCommand.readKey(file));
        }
        UploadOptions standard = UploadOptions.DEFAULT;
        return standard.withSigningKeys(keys)
                .withPolicies(
                        configuration.get(Settings.ALLOW_NON_CANONICAL),
                        configuration.get(Settings.REPLACE_CONFLICTING))
                .withLimits(
                        configuration.get(Settings.MAX_NAR_SIZE),
                        standard.maxNars(),
                        new BodyPipe.Pace(
                                configuration.get(Settings.READ_TIMEOUT),
                                standard.pace().bytesPerSecond()));
    }

    static AccessPolicy accessPolicy(Configuration configuration) {
        return new AccessPolicy(
                configuration.get(Settings.OPEN_READS), configuration.get(Settings.ALLOW_ANONYMOUS_WRITES));
    }

    /** Returns what everybody may have by content; null for nothing. */
    static Services.@Nullable Sharing sharing(Configuration configuration, NarStore store) {
        return configuration.get(Settings.IPFS_GATEWAY)
                ? new Services.Sharing(
                        new SharedPaths(store, new TrustedKeys(configuration.get(Settings.IPFS_PUBLIC_KEYS))),
                        configuration.get(Settings.IPFS_ADDRESSES))
                : null;
    }

    static DonationPolicy donationPolicy(Configuration configuration) {
        return new DonationPolicy(
                new TrustedKeys(configuration.get(Settings.IPFS_PUBLIC_KEYS)),
                configuration.get(Settings.IPFS_MAX_DONATED));
    }

    /** Returns the daemon that NARs are fetched from; null for none. Nothing is connected yet. */
    static @Nullable KuboClient kubo(Configuration configuration) throws IOException {
        Optional<ApiAddress> api = configuration.find(Settings.IPFS_API);
        Optional<Path> secretFile = configuration.find(Settings.IPFS_API_SECRET_FILE);
        if (api.isEmpty()) {
            return null;
        }
        try {
            ApiSecret secret = secretFile.isEmpty() ? null : ApiSecret.read(secretFile.get());
            return KuboClient.open(new KuboOptions(api.get(), secret, KuboLimits.DEFAULT));
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
    }

    /** Returns what is looked for in IPFS when no upstream has it; null for nothing, as there is no daemon. */
    static @Nullable IndexedPaths indexedPaths(
            Configuration configuration, @Nullable KuboClient kubo, IndexLookups lookups) {
        List<PublicKey> keys = configuration.get(Settings.UPSTREAM).stream()
                .flatMap(upstream -> upstream.trustedKeys().stream())
                .toList();
        return kubo == null ? null : new IndexedPaths(lookups, kubo, keys, IndexedPaths.BUDGET);
    }

    /** Starts fetching what changes of the indexes that are followed. */
    static RefreshSchedule indexes(NarStore store, @Nullable KuboClient kubo, Upstreams upstreams, Metrics metrics) {
        FollowedIndexes followed = new FollowedIndexes(store, InstantSource.system());
        return RefreshSchedule.start(
                followed,
                kubo,
                new RefreshMeters(followed, InstantSource.system(), metrics),
                upstreams::forgetAbsent,
                RefreshSchedule.INTERVAL,
                new SplittableRandom());
    }

    /** Returns fetching from a daemon, or null if there is none. */
    static @Nullable IpfsFetch ipfsFetch(
            @Nullable KuboClient kubo, NarStore store, Upstreams upstreams, IndexLookups lookups) {
        if (kubo == null) {
            return null;
        }
        KnownPaths paths = narHash -> upstreams.known(narHash).map(NarInfo::pathInfo);
        NarRoots published = new PublishedRoots(new PublishedPaths(store), paths);
        NarRoots told = new IndexedRoots(upstreams, lookups);
        return IpfsFetch.start(store, kubo, NarRoots.of(List.of(published, told)), paths);
    }

    /** Returns who has NARs that are not stored. */
    static Holders holders(Upstreams upstreams, @Nullable IpfsFetch fetch) {
        Holders holders = new UpstreamHolders(upstreams);
        return fetch == null ? holders : fetch.beside(holders);
    }

    /** Starts the service that keeps for others what they ask for; null if that is not wanted. */
    static @Nullable PinService pins(
            Configuration configuration, NarStore store, @Nullable KuboClient kubo, Tokens tokens) throws IOException {
        return configuration.get(Settings.PIN_SERVICE) && kubo != null
                ? PinService.start(
                        store,
                        kubo,
                        tokens,
                        PinServiceOptions.of(configuration.get(Settings.PIN_QUOTA)),
                        InstantSource.system())
                : null;
    }

    /** Starts looking after copies, where there is a daemon; null for none. */
    static @Nullable ReplicaSchedule replicas(
            Configuration configuration, NarStore store, @Nullable KuboClient kubo, Metrics metrics)
            throws IOException {
        if (kubo == null) {
            return null;
        }
        try {
            ReplicaSchedule schedule = ReplicaSchedule.start(
                    store, kubo, Donors.open(configuration.donors()), InstantSource.system(), ReplicaSchedule.INTERVAL);
            ReplicaMeters.register(schedule, metrics);
            return schedule;
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private static ServerOptions.@Nullable TlsFiles tls(Configuration configuration) {
        Optional<Path> certificate = configuration.find(Settings.TLS_CERT);
        Optional<Path> key = configuration.find(Settings.TLS_KEY);
        return certificate.isPresent() && key.isPresent()
                ? new ServerOptions.TlsFiles(certificate.get(), key.get())
                : null;
    }
}
