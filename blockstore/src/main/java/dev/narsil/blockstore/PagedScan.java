package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import java.io.IOException;
import java.util.Arrays;

/**
 * Visits tables a page at a time. Unlike a scan in one go it holds up neither those who change the table nor the store's end: what
 * is stored meanwhile may be visited or not.
 */
final class PagedScan {

    /** Entries a page. */
    static final int PAGE = 1024;

    private final BlockStore store;
    private final CommitQueue queue;
    private final GarbageProgress progress;
    private byte[] last = {};
    private int visited;

    PagedScan(BlockStore store, CommitQueue queue, GarbageProgress progress) {
        this.store = store;
        this.queue = queue;
        this.progress = progress;
    }

    /** Acts after a page, while nothing is being read. */
    interface PageEnd {
        void run() throws IOException;
    }

    void scan(String phase, Table table, BlockStore.Visitor visitor, PageEnd pageEnd) throws IOException {
        long total = store.approximateCount(table);
        long done = 0;
        byte[] from = {};
        do {
            step(phase, done, total);
            visited = 0;
            store.scan(table, from, PAGE, (key, value) -> {
                visited++;
                last = key;
                visitor.entry(key, value);
            });
            pageEnd.run();
            done += visited;
            from = Arrays.copyOf(last, last.length + 1);
        } while (visited == PAGE);
    }

    /** Tells how far a phase is, and refuses to go on if the store is being closed. */
    void step(String phase, long done, long total) throws StoreException {
        queue.requireOpen();
        progress.progress(phase, done, Math.max(done, total));
    }
}
