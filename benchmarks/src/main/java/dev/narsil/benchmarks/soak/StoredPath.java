package dev.narsil.benchmarks.soak;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** A specimen that the server has, and the signatures that it must show. */
final class StoredPath {

    private final long number;
    private final Set<String> signatures;

    /** Held while the path is changed. */
    final ReentrantLock changing = new ReentrantLock();

    StoredPath(long number, Set<String> signatures) {
        this.number = number;
        this.signatures = new HashSet<>(signatures);
    }

    long number() {
        return number;
    }

    /** Those that were acknowledged until now. */
    synchronized Set<String> signatures() {
        return Set.copyOf(signatures);
    }

    synchronized void signed(String signature) {
        signatures.add(signature);
    }
}
