package dev.narsil.gateway.download;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts what downloads do; the meaning of each is told by {@link DownloadState}. */
final class DownloadCounters {

    final AtomicInteger readers = new AtomicInteger();
    final LongAdder started = new LongAdder();
    final LongAdder joined = new LongAdder();
    final LongAdder completed = new LongAdder();
    final LongAdder stored = new LongAdder();
    final LongAdder notStored = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder mismatches = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder resumed = new LongAdder();
    final LongAdder switched = new LongAdder();
    final LongAdder hedged = new LongAdder();
    final LongAdder wireBytes = new LongAdder();
    final LongAdder narBytes = new LongAdder();
    private final Map<NarOrigin, LongAdder> won = new EnumMap<>(NarOrigin.class);

    DownloadCounters() {
        for (NarOrigin origin : NarOrigin.values()) {
            won.put(origin, new LongAdder());
        }
    }

    /** Counts a NAR by where it came from first. */
    void won(NarOrigin origin) {
        adder(origin).increment();
    }

    private LongAdder adder(NarOrigin origin) {
        return Objects.requireNonNull(won.get(origin));
    }

    DownloadState snapshot(int active, long spoolBytes) {
        return new DownloadState(
                active,
                readers.get(),
                spoolBytes,
                started.sum(),
                joined.sum(),
                completed.sum(),
                stored.sum(),
                notStored.sum(),
                failed.sum(),
                mismatches.sum(),
                cancelled.sum(),
                refused.sum(),
                resumed.sum(),
                switched.sum(),
                hedged.sum(),
                wireBytes.sum(),
                narBytes.sum(),
                adder(NarOrigin.STORE).sum(),
                adder(NarOrigin.HTTP).sum(),
                adder(NarOrigin.IPFS).sum());
    }
}
