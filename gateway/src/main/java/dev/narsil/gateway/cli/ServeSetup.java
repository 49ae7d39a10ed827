package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.access.AccessPolicy;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.donate.DonationPolicy;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.kubo.ApiAddress;
import dev.narsil.gateway.kubo.ApiSecret;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboLimits;
import dev.narsil.gateway.kubo.KuboOptions;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.trustless.SharedPaths;
import dev.narsil.gateway.upload.BodyPipe;
import dev.narsil.gateway.upload.UploadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** Returns a client of the daemon for IPFS; null if there is none. Nothing is connected yet. */
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

    private static ServerOptions.@Nullable TlsFiles tls(Configuration configuration) {
        Optional<Path> certificate = configuration.find(Settings.TLS_CERT);
        Optional<Path> key = configuration.find(Settings.TLS_KEY);
        return certificate.isPresent() && key.isPresent()
                ? new ServerOptions.TlsFiles(certificate.get(), key.get())
                : null;
    }
}
