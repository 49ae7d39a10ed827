package dev.narsil.gateway.cli;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.gateway.importer.ImportListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What one or several imports have done so far, and what that took on disk. */
final class ImportCounts implements ImportListener {

    private static final int MAX_MESSAGES = 100;

    /** Measuring the files of a store means a look at each of them. */
    private static final long MEASURE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String what;
    private final BlockStore store;
    private final long bytesBefore;
    private final LongAdder taken = new LongAdder();
    private final List<String> messages = new ArrayList<>();
    private long earlierTotal;
    private long total;
    private boolean all;
    private long done;
    private long failed;
    private long storedBytes;
    private long measured = System.nanoTime();

    ImportCounts(String what, BlockStore store) throws IOException {
        this.what = what;
        this.store = store;
        this.bytesBefore = bytesOnDisk();
    }

    /** Tells that one more import begins, which counts its paths anew. */
    synchronized void begin() {
        earlierTotal += total;
        total = 0;
        all = false;
    }

    @Override
    public synchronized void discovered(long paths, boolean complete) {
        total = paths;
        all = complete;
    }

    @Override
    public void taken(int narBytes) {
        taken.add(narBytes);
    }

    @Override
    public synchronized void imported(String path, long narBytes, long fileBytes) {
        done++;
    }

    @Override
    public synchronized void skipped(String path) {
        done++;
    }

    @Override
    public synchronized void failed(String path, String reason) {
        failed++;
    }

    @Override
    public synchronized void message(String text) {
        if (messages.size() < MAX_MESSAGES) {
            messages.add(text);
        }
    }

    synchronized List<String> messages() {
        return List.copyOf(messages);
    }

    synchronized ProgressState state() {
        if (System.nanoTime() - measured >= MEASURE_NANOS) {
            storedBytes = lastKnownUnlessMeasured();
            measured = System.nanoTime();
        }
        return new ProgressState(
                what, "paths", done, failed, all ? earlierTotal + total : -1, taken.sum(), storedBytes);
    }

    /** Bytes that the imports have added on disk. */
    long storedBytes() throws IOException {
        return Math.max(0, bytesOnDisk() - bytesBefore);
    }

    private long lastKnownUnlessMeasured() {
        try {
            return storedBytes();
        } catch (IOException e) {
            return storedBytes;
        }
    }

    private long bytesOnDisk() throws IOException {
        BlockStore.DiskUsage usage = store.diskUsage();
        return usage.packBytes() + usage.otherBytes();
    }
}
