package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.http.ServerOptions;
import java.nio.file.Path;
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

    private static ServerOptions.@Nullable TlsFiles tls(Configuration configuration) {
        Optional<Path> certificate = configuration.find(Settings.TLS_CERT);
        Optional<Path> key = configuration.find(Settings.TLS_KEY);
        return certificate.isPresent() && key.isPresent()
                ? new ServerOptions.TlsFiles(certificate.get(), key.get())
                : null;
    }
}
