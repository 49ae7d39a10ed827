package dev.narsil.gateway.ipfs.fetch;

import java.util.concurrent.atomic.LongAdder;

/** Counts what fetching does; the meaning of each is told by {@link FetchState}. */
final class FetchCounters {

    final LongAdder opened = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder lies = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder blocks = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder localBlocks = new LongAdder();
    final LongAdder localBytes = new LongAdder();

    FetchState snapshot() {
        return new FetchState(
                opened.sum(),
                misses.sum(),
                lies.sum(),
                failures.sum(),
                blocks.sum(),
                bytes.sum(),
                localBlocks.sum(),
                localBytes.sum());
    }
}
