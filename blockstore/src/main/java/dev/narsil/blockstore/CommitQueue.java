package dev.narsil.blockstore;

import dev.narsil.blockstore.CommitGroup.FinishedNar;
import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits to become durable: the open group, which gathers, and the group that the committer has taken.
 *
 * <p>Owns the lock both are guarded by. Ingests and publishers call it, some while they hold the monitor of a
 * {@link Lane} or of {@link Lanes}; what is called under the lock asks for no such monitor. A method that is the
 * committer's is called by its thread alone.
 *
 * <p>A commit that fails starts a new epoch: blocks of its packs are lost, and every ingest that began before may have
 * counted on one of them, so it fails too.
 */
final class CommitQueue {

    /** Encoded bytes of packs not yet durable beyond which ingests wait. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    private final CollectionGuard guard;

    /** Changed under the lock, read without. */
    private final Map<Sha256, FinishedNar> pendingNars = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Epoch epoch = new Epoch();
    private final CommitGroup open = new CommitGroup();
    private CommitGroup taken = new CommitGroup();
    private long nextPack;
    private long waitingBytes;
    private long flushesWanted;
    private long flushesDone;

    /** Set under the lock, read with and without. */
    private volatile boolean closing;

    /** Adds to the open group what depends on both groups. */
    interface Addition<T> {
        T add(CommitGroup open, CommitGroup taken) throws IOException;
    }

    /**
     * A group the committer has taken.
     *
     * @param flushes the number of the last flush that its commit ends
     * @param last whether nothing comes after it
     */
    record Taken(CommitGroup group, long flushes, boolean last) {}

    /** Makes an empty queue whose first pack gets the number {@code nextPack}. */
    CommitQueue(long nextPack, CollectionGuard guard) {
        this.nextPack = nextPack;
        this.guard = guard;
    }

    /** The number that changes when blocks that were claimed are lost. */
    int epoch() {
        lock.lock();
        try {
            return epoch.number();
        } finally {
            lock.unlock();
        }
    }

    /** Returns a NAR that was finished and is not durable yet, or null. */
    @Nullable
    NarEntry pendingNar(Sha256 narHash) {
        FinishedNar nar = pendingNars.get(narHash);
        return nar == null ? null : nar.entry();
    }

    /** Waits until packs that are not durable take less than {@link #MAX_WAITING_BYTES}. */
    void awaitRoom() throws StoreException {
        lock.lock();
        try {
            while (waitingBytes >= MAX_WAITING_BYTES && !closing) {
                changed.awaitUninterruptibly();
            }
            requireOpen();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a pack under the next number; also while the store is being closed, as the committer seals lanes then. */
    void add(EncodedPack pack) {
        lock.lock();
        try {
            open.add(nextPack++, pack);
            waitingBytes += pack.bytes().length;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a NAR.
     *
     * @param epochAtStart the epoch in which its ingest began
     * @throws StoreException if that is over
     */
    void add(FinishedNar nar, int epochAtStart) throws StoreException {
        lock.lock();
        try {
            requireOpen();
            epoch.requireIngestOf(epochAtStart);
            open.add(nar);
            guard.note(nar.narHash());
            pendingNars.put(nar.narHash(), nar);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds what depends on what is here: nothing else comes, and no commit begins or ends, between the look and the
     * addition.
     */
    <T> T add(Addition<T> addition) throws IOException {
        lock.lock();
        try {
            requireOpen();
            T added = addition.add(open, taken);
            if (!open.isEmpty()) {
                changed.signalAll();
            }
            return added;
        } finally {
            lock.unlock();
        }
    }

    /** Makes a commit due now, without waiting for it. */
    void expedite() {
        lock.lock();
        try {
            flushesWanted++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything handed over before is durable. */
    void flush() throws StoreException {
        lock.lock();
        try {
            requireOpen();
            int epochBefore = epoch.number();
            long wanted = ++flushesWanted;
            changed.signalAll();
            while (flushesDone < wanted) {
                changed.awaitUninterruptibly();
            }
            epoch.requireFlushOf(epochBefore);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has the guard note in {@code kept} from here on; returns the lowest number a pack may have that is added after.
     */
    long startNoting(IdFilter kept) throws StoreException {
        lock.lock();
        try {
            requireOpen();
            guard.start(kept);
            return nextPack;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses to go on once the store is being closed. */
    void requireOpen() throws StoreException {
        if (closing) {
            throw new StoreException(StoreException.Kind.FAILED, "the store is closed");
        }
    }

    /** Refuses everything from here on, and makes the last commit due. */
    void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a commit is due, and takes the NARs and records of the open group. The committer's. */
    Taken take() {
        lock.lock();
        try {
            awaitDue();
            taken = new CommitGroup();
            taken.takeNarsAndRecords(open);
            return new Taken(taken, flushesWanted, closing);
        } finally {
            lock.unlock();
        }
    }

    private void awaitDue() {
        while (!closing && flushesDone == flushesWanted) {
            if (open.isEmpty()) {
                changed.awaitUninterruptibly();
                continue;
            }
            long left = open.nanosUntilDue();
            if (left <= 0) {
                return;
            }
            try {
                changed.awaitNanos(left);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Adds the packs of the open group to one that was taken before. The committer's. */
    void takePacks(Taken due) {
        lock.lock();
        try {
            due.group().takePacks(open);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes that the commit of a group has ended, and how. The committer's.
     *
     * @return who waits for what has become durable, or, after a failure, for what never will
     */
    List<CompletableFuture<Void>> ended(Taken due, @Nullable StoreException failure) {
        CommitGroup group = due.group();
        lock.lock();
        try {
            List<CompletableFuture<Void>> waiting = new ArrayList<>(group.waiting);
            if (failure != null) {
                epoch.end(failure);
                waiting.addAll(open.waiting);
                open.nars.forEach(nar -> pendingNars.remove(nar.narHash(), nar));
                open.dropNarsAndRecords();
            }
            group.nars.forEach(nar -> pendingNars.remove(nar.narHash(), nar));
            group.dropCommitted();
            waitingBytes -= group.packBytes;
            flushesDone = Math.max(flushesDone, due.flushes());
            changed.signalAll();
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** Ends what waits for a committer that is no more. Finds nothing to do after an orderly end. The committer's. */
    void abandon() {
        List<CompletableFuture<Void>> lost = new ArrayList<>();
        StoreException failure;
        lock.lock();
        try {
            failure = epoch.lastFailureOr(new StoreException(StoreException.Kind.FAILED, "the committer has ended"));
            closing = true;
            lost.addAll(taken.waiting);
            lost.addAll(open.waiting);
            if (flushesDone < flushesWanted) {
                epoch.end(failure);
                flushesDone = flushesWanted;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        lost.forEach(done -> done.completeExceptionally(failure));
    }
}
