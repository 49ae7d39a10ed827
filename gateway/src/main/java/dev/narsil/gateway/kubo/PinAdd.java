package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * Pins what is below one CID, which fetches the blocks the daemon lacks. Over Bitswap that sometimes stops with a few
 * blocks missing and does not go on; when it is cancelled and repeated, it does.
 */
final class PinAdd {

    private final Rpc rpc;
    private final Cid root;
    private final String name;
    private final long end;
    private final long maxBytes;
    private final LongConsumer progress;
    private long furthest = -1;

    /**
     * One that was not begun.
     *
     * @param maxBytes most bytes of blocks that may come
     * @param time for all attempts together
     * @param progress hears of the number of blocks that are there
     */
    PinAdd(Rpc rpc, Cid root, String name, long maxBytes, Duration time, LongConsumer progress) {
        this.rpc = rpc;
        this.root = root;
        this.name = name;
        this.maxBytes = maxBytes;
        this.end = System.nanoTime() + time.toNanos();
        this.progress = progress;
    }

    /** Pins; throws when the time is over, or attempt after attempt gets no further. */
    void run() throws IOException {
        int inVain = 0;
        while (true) {
            long before = furthest;
            try {
                attempt();
                return;
            } catch (KuboException e) {
                inVain = furthest > before ? 1 : inVain + 1;
                if (e.kind() != KuboException.Kind.LATE) {
                    throw e;
                }
                if (inVain >= rpc.limits().pinAttempts() || left().isZero()) {
                    throw new KuboException(
                            KuboException.Kind.LATE,
                            "pin/add: " + root + " stopped at " + Math.max(0, furthest) + " blocks: " + e.getMessage(),
                            e);
                }
            }
        }
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    private void attempt() throws IOException {
        Command command = Command.of("pin/add", left())
                .arg(root)
                .option("recursive", true)
                .option("progress", true)
                .option("fast-provide-root", false);
        try (Exchange exchange = rpc.call(
                name.isEmpty() ? command : command.option("name", name),
                rpc.limits().pinStall())) {
            Answer answer = exchange.answer();
            JsonLines lines = answer.lines();
            boolean pinned = false;
            long reached = -1;
            for (JsonFields line = lines.next(); line != null; line = lines.next()) {
                long now = line.optionalCount("Progress").orElse(-1);
                if (line.optionalCount("Bytes").orElse(0) > maxBytes) {
                    throw new DagTooLargeException(root, maxBytes);
                }
                if (now > reached) {
                    reached = now;
                    exchange.prolong();
                }
                if (now > furthest) {
                    furthest = now;
                    progress.accept(now);
                }
                pinned |= line.texts("Pins").contains(root.toString());
            }
            if (!pinned) {
                throw answer.unintelligible("it ends without naming the pin");
            }
        }
    }
}
