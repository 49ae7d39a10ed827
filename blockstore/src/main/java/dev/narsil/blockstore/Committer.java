package dev.narsil.blockstore;

import dev.narsil.rewrite.path.Digest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The thread that commits one group after the other until the queue is closed, and tells those who wait.
 *
 * <p>It takes the NARs and records of a group first, then seals the lanes and takes the packs, so every block of a
 * taken NAR lies in this group's packs or in an earlier one. It holds no lock while it commits or tells.
 */
final class Committer implements AutoCloseable {

    private final BlockStore store;
    private final CommitQueue queue;
    private final ClaimedBlocks claimed;
    private final Lanes lanes;
    private final PathListeners listeners;
    private final Thread thread;

    /** Starts the thread. */
    Committer(BlockStore store, CommitQueue queue, ClaimedBlocks claimed, Lanes lanes, PathListeners listeners) {
        this.store = store;
        this.queue = queue;
        this.claimed = claimed;
        this.lanes = lanes;
        this.listeners = listeners;
        this.thread = Thread.ofPlatform().name("narsil-commit").daemon().unstarted(this::run);
        thread.start();
    }

    private void run() {
        try {
            commitGroups();
        } finally {
            queue.abandon();
        }
    }

    private void commitGroups() {
        boolean last = false;
        while (!last) {
            CommitQueue.Taken due = queue.take();
            lanes.seal();
            queue.takePacks(due);
            commit(due);
            last = due.last();
        }
        lanes.free();
    }

    private void commit(CommitQueue.Taken due) {
        CommitGroup group = due.group();
        StoreException failure = store(group);
        // an ingest of the epoch that a failure begins must not find the blocks that were lost
        group.packs.forEach(pack -> claimed.release(pack.pack().ids()));
        List<Digest> paths = List.copyOf(group.paths.keySet());
        List<CompletableFuture<Void>> waiting = queue.ended(due, failure);
        if (failure == null) {
            listeners.tell(paths);
            waiting.forEach(durable -> durable.complete(null));
        } else {
            waiting.forEach(durable -> durable.completeExceptionally(failure));
        }
    }

    /** Commits a group; returns what made that fail, or null. */
    private @Nullable StoreException store(CommitGroup group) {
        try {
            if (!group.isEmpty()) {
                store.commit(group.entries());
            }
            return null;
        } catch (StoreException e) {
            return e;
        } catch (RuntimeException e) {
            return new StoreException(StoreException.Kind.FAILED, "storing failed: " + e, e);
        }
    }

    /** Closes the queue, has what is in it committed and waits for the thread to end. */
    @Override
    public void close() {
        queue.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
