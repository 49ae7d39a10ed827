package dev.narsil.gateway.download;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The holders that a download can have its NAR from, and which of them it has not tried in this round. Safe for many threads. */
final class Candidates {

    private final List<Holder> all = new ArrayList<>();
    private final Deque<Holder> left = new ArrayDeque<>();
    private final CompletableFuture<Void> complete;

    /** Those in {@code order}, and those who turn up late. */
    Candidates(List<Holder> order, CompletableFuture<List<Holder>> late) {
        all.addAll(order);
        left.addAll(order);
        complete = late.thenAccept(this::arrive);
    }

    private synchronized void arrive(List<Holder> late) {
        all.addAll(late);
        left.addAll(late);
    }

    /** All that turned up so far. */
    synchronized List<Holder> all() {
        return List.copyOf(all);
    }

    /** Has all of them tried again. */
    synchronized void beginRound() {
        left.clear();
        left.addAll(all);
    }

    /** How many are left. */
    synchronized int size() {
        return left.size();
    }

    synchronized boolean isEmpty() {
        return left.isEmpty();
    }

    /** Whether others may still turn up. */
    boolean isOpen() {
        return !complete.isDone();
    }

    /** Takes the best that is left, or null. */
    synchronized @Nullable Holder next() {
        return left.pollFirst();
    }

    /** Returns the best that is left and for which that holds, or null; it stays. */
    synchronized @Nullable Holder best(Predicate<Holder> wanted) {
        return left.stream().filter(wanted).findFirst().orElse(null);
    }

    /** Has one that is left tried next. */
    synchronized void prefer(Holder holder) {
        if (left.remove(holder)) {
            left.addFirst(holder);
        }
    }

    /** Has one tried once more, before all others or after them. */
    synchronized void putBack(Holder holder, boolean first) {
        if (first) {
            left.addFirst(holder);
        } else {
            left.addLast(holder);
        }
    }

    /** Waits until one is left or nobody else turns up; returns whether one is left. */
    boolean await() throws InterruptedException {
        if (isEmpty()) {
            try {
                complete.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return !isEmpty();
    }
}
