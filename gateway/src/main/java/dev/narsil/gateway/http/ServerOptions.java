package dev.narsil.gateway.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens, what it says of itself, and what it lets clients hold.
 *
 * @param listen where, and how connections begin
 * @param priority {@code Priority} of {@code nix-cache-info}; clients ask caches with lower ones first
 * @param limits how much at a time
 * @param timeouts how long
 */
public record ServerOptions(Listen listen, int priority, Limits limits, Timeouts timeouts) {

    /** Below the 40 of cache.nixos.org, so that this cache is asked first. */
    public static final int DEFAULT_PRIORITY = 30;

    public static final ServerOptions DEFAULT =
            new ServerOptions(Listen.DEFAULT, DEFAULT_PRIORITY, Limits.DEFAULT, Timeouts.DEFAULT);

    public ServerOptions {
        if (priority < 0) {
            throw new IllegalArgumentException("a priority is not negative: " + priority);
        }
    }

    /** Returns these options with one TCP address to listen on; port 0 takes a free one. */
    public ServerOptions withAddress(String host, int port) {
        return withListen(listen.withAddresses(List.of(InetSocketAddress.createUnresolved(host, port))));
    }

    /** Returns these options with another way to listen. */
    public ServerOptions withListen(Listen newListen) {
        return new ServerOptions(newListen, priority, limits, timeouts);
    }

    /** Returns these options with another priority. */
    public ServerOptions withPriority(int newPriority) {
        return new ServerOptions(listen, newPriority, limits, timeouts);
    }

    /** Returns these options with other limits. */
    public ServerOptions withLimits(Limits newLimits) {
        return new ServerOptions(listen, priority, newLimits, timeouts);
    }

    /** Returns these options with other time-outs. */
    public ServerOptions withTimeouts(Timeouts newTimeouts) {
        return new ServerOptions(listen, priority, limits, newTimeouts);
    }

    /**
     * Where a server listens, and how connections begin.
     *
     * @param addresses one at least, each of TCP ({@link InetSocketAddress}, resolved or not; port 0 takes a free one)
     *     or of a Unix socket ({@link java.net.UnixDomainSocketAddress})
     * @param unixSocketMode who may connect to its Unix sockets
     * @param basePath what all paths begin with, such as {@code /nix}; empty for nothing
     * @param proxyProtocol whether every connection begins with a header of the PROXY protocol, version 1 or 2; no
     *     listener then counts as one that only this machine reaches
     * @param tls what its TCP listeners prove themselves with; null for no TLS
     */
    public record Listen(
            List<SocketAddress> addresses,
            Set<PosixFilePermission> unixSocketMode,
            String basePath,
            boolean proxyProtocol,
            @Nullable TlsFiles tls) {

        /** Port 7745 of the loopback address, and Unix sockets for owner and group. */
        public static final Listen DEFAULT = new Listen(
                List.of(InetSocketAddress.createUnresolved("127.0.0.1", 7745)),
                PosixFilePermissions.fromString("rw-rw----"),
                "",
                false,
                null);

        public Listen {
            addresses = List.copyOf(addresses);
            unixSocketMode = Set.copyOf(unixSocketMode);
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException("a server listens on one address at least");
            }
            if (!basePath.isEmpty() && (!basePath.startsWith("/") || basePath.endsWith("/"))) {
                throw new IllegalArgumentException("a base path begins with a slash and ends in none: " + basePath);
            }
        }

        /** Returns this with other addresses. */
        public Listen withAddresses(List<SocketAddress> newAddresses) {
            return new Listen(newAddresses, unixSocketMode, basePath, proxyProtocol, tls);
        }

        /** Returns this with another base path. */
        public Listen withBasePath(String newBasePath) {
            return new Listen(addresses, unixSocketMode, newBasePath, proxyProtocol, tls);
        }

        /** Returns this with or without the PROXY protocol. */
        public Listen withProxyProtocol(boolean newProxyProtocol) {
            return new Listen(addresses, unixSocketMode, basePath, newProxyProtocol, tls);
        }

        /** Returns this with TLS. */
        public Listen withTls(TlsFiles newTls) {
            return new Listen(addresses, unixSocketMode, basePath, proxyProtocol, newTls);
        }
    }

    /**
     * A certificate and its key, which are read again when they change.
     *
     * @param certificate the chain in PEM, the server's own first
     * @param key the private key in PEM, not encrypted
     */
    public record TlsFiles(Path certificate, Path key) {}

    /**
     * How much clients may have at a time.
     *
     * @param connections open connections; more are answered 503 and closed
     * @param requests requests whose response has not ended; more are answered 503
     * @param downloads NARs being sent; more are answered 503
     * @param headerBytes longest headers of a request
     * @param narInfoCacheBytes most bytes of rendered narinfos kept in memory
     */
    public record Limits(int connections, int requests, int downloads, int headerBytes, long narInfoCacheBytes) {

        public static final Limits DEFAULT = new Limits(4096, 4096, 96, 16 << 10, 32L << 20);

        public Limits {
            if (connections < 1 || requests < 1 || downloads < 1 || headerBytes < 1) {
                throw new IllegalArgumentException("a server that allows nothing serves nothing");
            }
        }

        /** Returns these limits with another bound of connections. */
        public Limits withConnections(int max) {
            return new Limits(max, requests, downloads, headerBytes, narInfoCacheBytes);
        }

        /** Returns these limits with another bound of requests. */
        public Limits withRequests(int max) {
            return new Limits(connections, max, downloads, headerBytes, narInfoCacheBytes);
        }

        /** Returns these limits with another bound of downloads. */
        public Limits withDownloads(int max) {
            return new Limits(connections, requests, max, headerBytes, narInfoCacheBytes);
        }

        /** Returns these limits with another bound of headers. */
        public Limits withHeaderBytes(int max) {
            return new Limits(connections, requests, downloads, max, narInfoCacheBytes);
        }
    }

    /**
     * How long clients, and the end, may take.
     *
     * @param idle how long a connection may go without a complete request or a response in progress
     * @param read how long a client may send nothing of a body that is wanted
     * @param write how long a client may take no part of a response; each part is {@link BodyWriter#BUFFER_BYTES}
     * @param drain how long to go on serving, but no longer ready, when the server closes
     * @param stop how long responses in progress may take to end after that
     */
    public record Timeouts(Duration idle, Duration read, Duration write, Duration drain, Duration stop) {

        /** A client of Nix lets a download stall for 5 minutes: half of what {@code write} allows. */
        public static final Timeouts DEFAULT = new Timeouts(
                Duration.ofMinutes(2),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                Duration.ZERO,
                Duration.ofSeconds(15));

        /** Returns these with another {@link #idle()}. */
        public Timeouts withIdle(Duration newIdle) {
            return new Timeouts(newIdle, read, write, drain, stop);
        }

        /** Returns these with another {@link #read()}. */
        public Timeouts withRead(Duration newRead) {
            return new Timeouts(idle, newRead, write, drain, stop);
        }

        /** Returns these with another {@link #write()}. */
        public Timeouts withWrite(Duration newWrite) {
            return new Timeouts(idle, read, newWrite, drain, stop);
        }

        /** Returns these with another {@link #drain()}. */
        public Timeouts withDrain(Duration newDrain) {
            return new Timeouts(idle, read, write, newDrain, stop);
        }

        /** Returns these with another {@link #stop()}. */
        public Timeouts withStop(Duration newStop) {
            return new Timeouts(idle, read, write, drain, newStop);
        }
    }
}
