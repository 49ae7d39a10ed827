package dev.narsil.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets a server listens on, each shared by all event loops. */
final class Listeners {

    /** Longest request line, in bytes; the longest one that is common has 75. */
    static final int MAX_REQUEST_LINE_BYTES = 4 << 10;

    /** How long opening a socket may take. */
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private static final int ACCEPT_BACKLOG = 1024;

    private record Open(java.net.SocketAddress address, List<Listener> byLoop) {}

    private final Vertx vertx;
    private final ServerOptions options;
    private final Dispatcher dispatcher;
    private final Connections connections;
    private final List<Open> open = new ArrayList<>();
    private final List<UnixSocketFile> sockets = new ArrayList<>();

    Listeners(Vertx vertx, ServerOptions options, Dispatcher dispatcher, Connections connections) {
        this.vertx = vertx;
        this.options = options;
        this.dispatcher = dispatcher;
        this.connections = connections;
    }

    /**
     * Opens all sockets.
     *
     * @throws IOException if one cannot be opened, or the certificate cannot be used
     */
    void open() throws IOException {
        ServerOptions.TlsFiles files = options.listen().tls();
        TlsCertificate certificate = files == null ? null : new TlsCertificate(vertx, files);
        PemKeyCertOptions keys = certificate == null ? null : certificate.load();
        List<Listener> secured = new ArrayList<>();
        for (java.net.SocketAddress address : options.listen().addresses()) {
            if (address instanceof UnixDomainSocketAddress unix) {
                openUnix(unix);
            } else if (address instanceof InetSocketAddress tcp) {
                secured.add(openTcp(tcp, keys));
            } else {
                throw new IOException("cannot listen on " + address + ": neither TCP nor a Unix socket");
            }
        }
        if (certificate != null) {
            certificate.watch(secured);
        }
    }

    private void openUnix(UnixDomainSocketAddress address) throws IOException {
        UnixSocketFile socket = UnixSocketFile.prepare(address.getPath());
        sockets.add(socket);
        open(SocketAddress.domainSocketAddress(socket.bindPath().toString()), address, true, null);
        socket.show(options.listen().unixSocketMode());
    }

    private Listener openTcp(InetSocketAddress address, @Nullable PemKeyCertOptions keys) throws IOException {
        // looked up here, so that what is bound is what is judged
        InetAddress host = InetAddress.getByName(address.getHostString());
        // all event loops share one port, also where it is any that is free
        SocketAddress bound = address.getPort() == 0
                ? SocketAddress.sharedRandomPort(1 + open.size(), host.getHostAddress())
                : SocketAddress.inetSocketAddress(address.getPort(), host.getHostAddress());
        return open(bound, address, host.isLoopbackAddress(), keys);
    }

    private Listener open(
            SocketAddress bound, java.net.SocketAddress address, boolean loopback, @Nullable PemKeyCertOptions keys)
            throws IOException {
        // what a proxy passes on comes from elsewhere, wherever the proxy is
        boolean local = loopback && !options.listen().proxyProtocol();
        List<Listener> byLoop = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            byLoop.add(new Listener(httpOptions(keys), bound, local, dispatcher, connections));
        }
        open.add(new Open(address, byLoop));
        await(
                print(address),
                Future.all(byLoop.stream().map(vertx::deployVerticle).toList()));
        return byLoop.getFirst();
    }

    private HttpServerOptions httpOptions(@Nullable PemKeyCertOptions keys) {
        HttpServerOptions http = new HttpServerOptions()
                .setTcpNoDelay(true)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(options.limits().headerBytes())
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(false)
                .setCompressionSupported(false)
                .setUseProxyProtocol(options.listen().proxyProtocol());
        if (keys != null) {
            // a body that cannot be finished ends with a reset of its connection, which is a matter of HTTP/1 alone
            http.setSsl(true).setKeyCertOptions(keys).setUseAlpn(true).setAlpnVersions(List.of(HttpVersion.HTTP_1_1));
        }
        return http;
    }

    /** The addresses, with the ports that were taken. */
    List<java.net.SocketAddress> addresses() {
        return open.stream().map(Listeners::actual).toList();
    }

    private static java.net.SocketAddress actual(Open socket) {
        return socket.address() instanceof InetSocketAddress tcp
                ? new InetSocketAddress(
                        tcp.getHostString(), socket.byLoop().getFirst().port())
                : socket.address();
    }

    /** Stops accepting and waits until connections have ended their responses, at most {@code timeout}. */
    Future<?> shutdown(Duration timeout) {
        for (UnixSocketFile socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.warn("a Unix socket is left behind: {}", e.getMessage());
            }
        }
        return Future.join(open.stream()
                .flatMap(socket -> socket.byLoop().stream())
                .map(listener -> listener.shutdown(timeout.toMillis()))
                .toList());
    }

    private static String print(java.net.SocketAddress address) {
        return address instanceof InetSocketAddress tcp ? tcp.getHostString() + ":" + tcp.getPort() : "" + address;
    }

    private static void await(String address, Future<?> listening) throws IOException {
        try {
            listening.toCompletionStage().toCompletableFuture().get(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            // the native transport and Java's own tell it by different types
            if (String.valueOf(e.getCause()).toLowerCase(Locale.ROOT).contains("already in use")) {
                throw inUse(address);
            }
            throw new IOException("cannot listen on " + address + ": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("cannot listen on " + address + " in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting to listen", e);
        }
    }

    /** Says that another program listens on an address. */
    static BindException inUse(String address) {
        return new BindException("cannot listen on " + address + ": another program does");
    }
}
