package dev.narsil.blockstore;

import java.util.ArrayList;
import java.util.List;

/**
 * The lanes of a store: as many as ingests were in progress at a time. Each belongs to one ingest or is idle.
 *
 * <p>Guarded by its monitor, under which it asks the {@link CommitQueue} whether the store is open: the queue is closed
 * before the committer looks at the lanes for the last time, so that no lane comes after.
 */
final class Lanes {

    private final CommitQueue queue;
    private final ClaimedBlocks claimed;
    private final CollectionGuard guard;
    private final int maxBlock;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Lane> idle = new ArrayList<>();

    /** Makes lanes for blocks of at most {@code maxBlock} bytes. */
    Lanes(CommitQueue queue, ClaimedBlocks claimed, CollectionGuard guard, int maxBlock) {
        this.queue = queue;
        this.claimed = claimed;
        this.guard = guard;
        this.maxBlock = maxBlock;
    }

    /** Hands out a lane to add blocks through, to an ingest that relies on what it has put into {@code recipe}. */
    synchronized Lane borrow(Recipe.Builder recipe) throws StoreException {
        queue.requireOpen();
        guard.begun(recipe);
        if (!idle.isEmpty()) {
            return idle.removeLast();
        }
        Lane lane = new Lane(queue, claimed, maxBlock);
        lanes.add(lane);
        return lane;
    }

    /** Takes a lane back from an ingest, which has added {@code left} bytes through it that no finished NAR has. */
    synchronized void giveBack(Lane lane, Recipe.Builder recipe, long left) {
        idle.add(lane);
        guard.ended(recipe, left);
    }

    /** Hands the blocks in all lanes to the open group. The committer's. */
    void seal() {
        all().forEach(Lane::seal);
    }

    /** Ends the use of native memory by all lanes. The committer's, in the end. */
    void free() {
        all().forEach(Lane::free);
    }

    private synchronized List<Lane> all() {
        return List.copyOf(lanes);
    }
}
