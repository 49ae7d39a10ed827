package dev.narsil.gateway.importer;

import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The paths still to be imported. One thread puts in what was selected and waits while there is enough; the workers
 * take, and in
 * a closure put in what they find references to.
 */
final class WorkQueue {

    /** Paths that wait before {@link #put} does. */
    static final int CAPACITY = 4096;

    /** Most paths that are remembered, so that none is imported twice: some 100 MB. */
    static final int MAX_REMEMBERED = 1_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<WantedPath> pending = new ArrayDeque<>();
    private final Set<Digest> seen = new HashSet<>();
    private final boolean remembers;
    private final LongConsumer discovered;
    private long count;
    private int busy;
    private boolean complete;
    private boolean stopped;

    /**
     * An empty queue.
     *
     * @param remembers whether the same path may come twice
     * @param discovered hears how many different paths have come
     */
    WorkQueue(boolean remembers, LongConsumer discovered) {
        this.remembers = remembers;
        this.discovered = discovered;
    }

    /** Adds a path that has not come yet, when there is room. */
    void put(WantedPath path) {
        lock.lock();
        try {
            while (pending.size() >= CAPACITY && !stopped) {
                changed.awaitUninterruptibly();
            }
            if (!remembers || seen.size() >= MAX_REMEMBERED || seen.add(path.digest())) {
                add(path);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds paths that have not come yet, at once.
     *
     * @throws SourceException if there are too many to remember
     */
    void putReferences(Collection<StorePath> references) throws SourceException {
        lock.lock();
        try {
            for (StorePath reference : references) {
                if (seen.contains(reference.digest())) {
                    continue;
                }
                if (seen.size() >= MAX_REMEMBERED) {
                    throw new SourceException("the closure has more than " + MAX_REMEMBERED + " paths");
                }
                seen.add(reference.digest());
                add(WantedPath.of(reference));
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(WantedPath path) {
        pending.add(path);
        count++;
        discovered.accept(count);
        changed.signalAll();
    }

    /** Says that nothing more will be put in from outside. */
    void complete() {
        lock.lock();
        try {
            complete = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the next path, for which {@link #done} must be called; null when there are no more or all must stop. */
    @Nullable
    WantedPath take() {
        lock.lock();
        try {
            while (!stopped) {
                WantedPath path = pending.poll();
                if (path != null) {
                    busy++;
                    changed.signalAll();
                    return path;
                }
                if (complete && busy == 0) {
                    return null;
                }
                changed.awaitUninterruptibly();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    void done() {
        lock.lock();
        try {
            busy--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing more out. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    long count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }
}
