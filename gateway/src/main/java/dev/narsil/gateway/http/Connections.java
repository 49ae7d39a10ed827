package dev.narsil.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open connections, and when each was last of use.
 *
 * <p>Time is counted in sweeps. A connection is idle while it has neither a NAR or listing in progress nor had a complete
 * request since; bytes that trickle in do not count, so that headers sent byte by byte do not hold it open.
 */
final class Connections {

    /** Most connections beyond the limit that wait to be told so; more are reset at once. */
    static final int MAX_SURPLUS = 1024;

    /** How long one beyond the limit may take to send the request that it is told so in answer to. */
    private static final Duration SURPLUS_TIMEOUT = Duration.ofSeconds(5);

    /** How often idle connections are looked for. */
    static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);

    private static final class Use {
        final boolean surplus;
        volatile long lastSweep;
        final AtomicInteger responses = new AtomicInteger();

        Use(boolean surplus, long sweep) {
            this.surplus = surplus;
            this.lastSweep = sweep;
        }
    }

    private final ConcurrentHashMap<HttpConnection, Use> open = new ConcurrentHashMap<>();
    private final int max;
    private final long idleSweeps;
    private volatile long sweep;

    /** @param max how many may be served at a time */
    Connections(int max, Duration idleTimeout) {
        this.max = max;
        idleSweeps = Math.max(1, idleTimeout.dividedBy(SWEEP_INTERVAL));
    }

    int count() {
        return open.size();
    }

    void opened(HttpConnection connection) {
        int others = open.size();
        if (others >= max + MAX_SURPLUS) {
            reset(connection);
            return;
        }
        open.put(connection, new Use(others >= max, sweep));
        connection.closeHandler(v -> open.remove(connection));
    }

    /** Tells whether a connection is one too many, whose request is to be refused. */
    boolean isSurplus(HttpConnection connection) {
        Use use = open.get(connection);
        return use != null && use.surplus;
    }

    /** Notes that a complete request arrived. */
    void touch(HttpConnection connection) {
        Use use = open.get(connection);
        if (use != null && use.lastSweep != sweep) {
            use.lastSweep = sweep;
        }
    }

    /** Notes that a response begins, which keeps the connection open until {@link #responseEnded}. */
    void responseBegan(HttpConnection connection) {
        count(connection, 1);
    }

    /** Notes that a response ended. The next one on the connection may have begun before that is noted. */
    void responseEnded(HttpConnection connection) {
        count(connection, -1);
    }

    private void count(HttpConnection connection, int change) {
        Use use = open.get(connection);
        if (use != null) {
            use.lastSweep = sweep;
            use.responses.addAndGet(change);
        }
    }

    /** Counts one interval and closes what has been idle for too many. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void sweep() {
        long now = sweep + 1;
        sweep = now;
        open.forEach((connection, use) -> {
            long allowed = use.surplus ? SURPLUS_TIMEOUT.dividedBy(SWEEP_INTERVAL) : idleSweeps;
            if (use.responses.get() == 0 && now - use.lastSweep > allowed) {
                end(connection, false);
            }
        });
    }

    /** Resets every connection. */
    void resetAll() {
        open.keySet().forEach(Connections::reset);
    }

    /**
     * Ends a connection at once with a TCP reset, dropping what was not sent yet, so that it cannot look like a clean
     * end.
     */
    static void reset(HttpConnection connection) {
        end(connection, true);
    }

    private static void end(HttpConnection connection, boolean reset) {
        if (connection instanceof ConnectionBase base) {
            Channel channel = base.channel();
            channel.eventLoop().execute(() -> {
                if (reset && channel.isOpen()) {
                    channel.config().setOption(ChannelOption.SO_LINGER, 0);
                }
                ChannelHandlerContext first = channel.pipeline().firstContext();
                if (first != null) {
                    // from the head of the pipeline, as Vert.x would first wait for what is queued
                    var _ = first.close();
                }
            });
        }
    }
}
