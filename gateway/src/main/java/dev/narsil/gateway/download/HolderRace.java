package dev.narsil.gateway.download;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the file of whichever holder first sends some of it. The next one is asked when the one before failed or has sent
 * nothing within a while; when one has won, the others are closed.
 */
final class HolderRace {

    private static final Logger LOG = LoggerFactory.getLogger(HolderRace.class);

    /** Longest piece that decides. */
    private static final int HEAD_BYTES = 16 << 10;

    /** How long nothing at all may come from any holder, once all are asked. */
    private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** A file of which the first bytes are here. */
    @SuppressWarnings("ArrayRecordComponent")
    record Opened(Holder holder, byte[] head, InputStream in) {}

    private final BlockingQueue<Optional<Attempt>> ended = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Attempt> winner = new AtomicReference<>();
    private final DownloadLimits limits;
    private final DownloadCounters counters;

    HolderRace(DownloadLimits limits, DownloadCounters counters) {
        this.limits = limits;
        this.counters = counters;
    }

    /**
     * Returns the file of the first that sends some, or null if none does. Those that failed are removed from {@code
     * holders}, as is the one that won.
     *
     * @param failures takes why others failed
     */
    @Nullable
    Opened run(Deque<Holder> holders, List<String> failures) throws InterruptedException {
        List<Attempt> running = new ArrayList<>();
        try {
            while (true) {
                if (running.isEmpty() && holders.isEmpty()) {
                    return null;
                }
                if (running.isEmpty()) {
                    running.add(new Attempt(holders.removeFirst()).start());
                }
                long nanos = holders.isEmpty() ? LAST_NANOS : limits.firstByte().toNanos();
                Optional<Attempt> next = ended.poll(nanos, TimeUnit.NANOSECONDS);
                if (next == null) {
                    if (holders.isEmpty()) {
                        failures.add("nothing came");
                        return null;
                    }
                    counters.hedged.increment();
                    running.add(new Attempt(holders.removeFirst()).start());
                    continue;
                }
                if (next.isEmpty()) {
                    return null;
                }
                Attempt attempt = next.get();
                running.remove(attempt);
                Opened opened = attempt.opened;
                if (opened != null) {
                    running.forEach(other -> holders.addLast(other.holder));
                    return opened;
                }
                failures.add(attempt.holder.upstream() + ": " + attempt.reason);
            }
        } finally {
            running.forEach(Attempt::abandon);
        }
    }

    /** Ends it, by any thread. */
    void cancel() {
        ended.add(Optional.empty());
    }

    /** Tries one holder, on a thread of its own. */
    private final class Attempt {

        private final Holder holder;
        private volatile @Nullable InputStream in;
        private volatile boolean abandoned;
        private @Nullable Opened opened;
        private String reason = "";

        Attempt(Holder holder) {
            this.holder = holder;
        }

        Attempt start() {
            Thread.ofVirtual().name("nar-open").start(this::open);
            return this;
        }

        private void open() {
            try {
                InputStream stream = holder.open(0);
                in = stream;
                if (abandoned) {
                    stream.close();
                    return;
                }
                byte[] head = new byte[HEAD_BYTES];
                int read = stream.read(head, 0, head.length);
                if (read <= 0) {
                    stream.close();
                    throw new EOFException("the file is empty");
                }
                if (winner.compareAndSet(null, this)) {
                    opened = new Opened(holder, Arrays.copyOf(head, read), stream);
                } else {
                    stream.close();
                    reason = "too late";
                }
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            } finally {
                ended.add(Optional.of(this));
            }
        }

        /** Ends it without anybody waiting for that. */
        private void abandon() {
            abandoned = true;
            InputStream stream = in;
            if (stream != null) {
                try {
                    stream.close();
                } catch (IOException e) {
                    LOG.debug("closing the file of a holder that was too late", e);
                }
            }
        }
    }
}
