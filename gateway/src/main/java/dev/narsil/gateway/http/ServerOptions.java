package dev.narsil.gateway.http;

import java.time.Duration;

/**
 * How a server listens and what it lets clients hold.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 takes a free one
 * @param priority {@code Priority} of {@code nix-cache-info}; clients ask caches with lower ones first
 * @param maxResponsesInFlight most NAR responses at a time; more are refused with 503
 * @param narInfoCacheBytes most bytes of rendered narinfos kept in memory
 * @param idleTimeout how long a connection may go without a complete request or a response in progress
 * @param writeStallTimeout how long a client may take no part of a response; each part is {@link
 *     BodyWriter#BUFFER_BYTES}
 * @param shutdownTimeout how long responses in progress may take to end when the server closes
 */
public record ServerOptions(
        String host,
        int port,
        int priority,
        int maxResponsesInFlight,
        long narInfoCacheBytes,
        Duration idleTimeout,
        Duration writeStallTimeout,
        Duration shutdownTimeout) {

    public static final String DEFAULT_HOST = "127.0.0.1";
    public static final int DEFAULT_PORT = 7745;

    /** Below the 40 of cache.nixos.org, so that this cache is asked first. */
    public static final int DEFAULT_PRIORITY = 30;

    public static final int DEFAULT_MAX_RESPONSES_IN_FLIGHT = 96;
    public static final long DEFAULT_NAR_INFO_CACHE_BYTES = 32L << 20;
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(2);

    /** Twice what Nix allows a download to stall. */
    public static final Duration DEFAULT_WRITE_STALL_TIMEOUT = Duration.ofMinutes(10);

    public static final Duration DEFAULT_SHUTDOWN_TIMEOUT = Duration.ofSeconds(15);

    public static final ServerOptions DEFAULT = new ServerOptions(
            DEFAULT_HOST,
            DEFAULT_PORT,
            DEFAULT_PRIORITY,
            DEFAULT_MAX_RESPONSES_IN_FLIGHT,
            DEFAULT_NAR_INFO_CACHE_BYTES,
            DEFAULT_IDLE_TIMEOUT,
            DEFAULT_WRITE_STALL_TIMEOUT,
            DEFAULT_SHUTDOWN_TIMEOUT);

    public ServerOptions {
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
        }
        if (priority < 0) {
            throw new IllegalArgumentException("a priority is not negative: " + priority);
        }
        if (maxResponsesInFlight < 1) {
            throw new IllegalArgumentException("at least one response must be allowed, not " + maxResponsesInFlight);
        }
    }

    /** Returns these options with another address to listen on. */
    public ServerOptions withAddress(String newHost, int newPort) {
        return new ServerOptions(
                newHost,
                newPort,
                priority,
                maxResponsesInFlight,
                narInfoCacheBytes,
                idleTimeout,
                writeStallTimeout,
                shutdownTimeout);
    }

    /** Returns these options with another priority. */
    public ServerOptions withPriority(int newPriority) {
        return new ServerOptions(
                host,
                port,
                newPriority,
                maxResponsesInFlight,
                narInfoCacheBytes,
                idleTimeout,
                writeStallTimeout,
                shutdownTimeout);
    }

    /** Returns these options with another bound of NAR responses. */
    public ServerOptions withMaxResponsesInFlight(int newMax) {
        return new ServerOptions(
                host, port, priority, newMax, narInfoCacheBytes, idleTimeout, writeStallTimeout, shutdownTimeout);
    }

    /** Returns these options with other time-outs. */
    public ServerOptions withTimeouts(Duration newIdle, Duration newWriteStall, Duration newShutdown) {
        return new ServerOptions(
                host, port, priority, maxResponsesInFlight, narInfoCacheBytes, newIdle, newWriteStall, newShutdown);
    }
}
