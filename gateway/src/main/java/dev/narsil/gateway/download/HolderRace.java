package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
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
 * Opens the file of whichever holder first sends a piece of it. The next one is asked when the one before failed or has
 * not sent that within a while; when one has won, the others are closed. A holder without rivals wins by any byte.
 */
final class HolderRace {

    private static final Logger LOG = LoggerFactory.getLogger(HolderRace.class);

    /** Longest piece that decides. */
    private static final int HEAD_BYTES = 16 << 10;

    /** How long nothing at all may come from any holder, once all are asked. */
    private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** A file of which the first bytes are here. */
    @SuppressWarnings("ArrayRecordComponent")
    record Opened(Holder holder, byte[] head, OpenFile file) {}

    private final BlockingQueue<Optional<Attempt>> ended = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Attempt> winner = new AtomicReference<>();
    private final DownloadLimits limits;
    private final DownloadCounters counters;
    private final long narPosition;

    /** One for the file from where it gives the NAR from {@code narPosition} on, as far as that is known. */
    HolderRace(DownloadLimits limits, DownloadCounters counters, long narPosition) {
        this.limits = limits;
        this.counters = counters;
        this.narPosition = narPosition;
    }

    /**
     * Returns the file of the first that sends some, or null if none does. Those that failed are taken from the candidates,
     * as is the one that won.
     *
     * @param failures takes why others failed
     */
    @Nullable
    Opened run(Candidates candidates, List<String> failures) throws InterruptedException {
        List<Attempt> running = new ArrayList<>();
        List<Holder> tooLate = new ArrayList<>();
        int leastBytes = candidates.size() > 1 ? HEAD_BYTES : 1;
        long waited = 0;
        try {
            while (true) {
                if (running.isEmpty()) {
                    Holder first = candidates.next();
                    if (first == null) {
                        return null;
                    }
                    running.add(new Attempt(first, leastBytes).start());
                }
                boolean hedged = !candidates.isEmpty() || candidates.isOpen();
                long nanos = hedged ? hedgeNanos(running.getLast().holder) : LAST_NANOS - waited;
                Optional<Attempt> next = ended.poll(nanos, TimeUnit.NANOSECONDS);
                if (next == null) {
                    waited += nanos;
                    Holder another = candidates.next();
                    if (another != null) {
                        counters.hedged.increment();
                        running.add(new Attempt(another, leastBytes).start());
                        waited = 0;
                    } else if (waited >= LAST_NANOS) {
                        failures.add("nothing came");
                        return null;
                    }
                    continue;
                }
                if (next.isEmpty()) {
                    return null;
                }
                Attempt attempt = next.get();
                running.remove(attempt);
                Opened opened = attempt.opened;
                if (opened != null) {
                    running.forEach(other -> candidates.putBack(other.holder, false));
                    tooLate.forEach(other -> candidates.putBack(other, false));
                    return opened;
                }
                if (attempt.late) {
                    tooLate.add(attempt.holder);
                } else {
                    failures.add(attempt.holder.upstream() + ": " + attempt.reason);
                }
            }
        } finally {
            running.forEach(Attempt::abandon);
        }
    }

    private long hedgeNanos(Holder asked) {
        return Math.min(asked.hedge().toNanos(), limits.firstByte().toNanos());
    }

    /** Ends it, by any thread. */
    void cancel() {
        ended.add(Optional.empty());
    }

    /** Tries one holder, on a thread of its own. */
    private final class Attempt {

        private final Holder holder;
        private final int leastBytes;
        private volatile @Nullable InputStream in;
        private volatile boolean abandoned;
        private @Nullable Opened opened;
        private boolean late;
        private String reason = "";

        Attempt(Holder holder, int leastBytes) {
            this.holder = holder;
            this.leastBytes = leastBytes;
        }

        Attempt start() {
            Thread.ofVirtual().name("nar-open").start(this::open);
            return this;
        }

        private void open() {
            try {
                boolean asIs = holder.narInfo().compression().equals(Compression.NONE.toString());
                OpenFile file = holder.open(asIs ? narPosition : 0, FileVersion.ANY);
                InputStream stream = file.in();
                in = stream;
                if (abandoned) {
                    stream.close();
                    return;
                }
                byte[] head = head(stream);
                if (winner.compareAndSet(null, this)) {
                    opened = new Opened(holder, head, file);
                } else {
                    stream.close();
                    late = true;
                }
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            } finally {
                ended.add(Optional.of(this));
            }
        }

        /** Reads the piece that decides, or what there is of it. */
        private byte[] head(InputStream stream) throws IOException {
            byte[] head = new byte[HEAD_BYTES];
            int length = 0;
            try {
                int read = 0;
                while (read >= 0 && length < leastBytes) {
                    read = stream.read(head, length, head.length - length);
                    length += Math.max(0, read);
                }
            } catch (IOException e) {
                if (length == 0 || abandoned) {
                    throw e;
                }
                LOG.debug("a file that is to be continued already", e);
            }
            if (length == 0) {
                stream.close();
                throw new EOFException("the file is empty");
            }
            return Arrays.copyOf(head, length);
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
