package dev.narsil.benchmarks.soak;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** A specimen that the server has, and the signatures that it must show. */
final class StoredPath {

    private static final long SETTLING_SECONDS = 20;

    private final long number;
    private final Set<String> signatures;
    private final long since = System.nanoTime();

    /** Held while the path is changed. */
    final ReentrantLock changing = new ReentrantLock();

    StoredPath(long number, Set<String> signatures) {
        this.number = number;
        this.signatures = new HashSet<>(signatures);
    }

    /**
     * Whether it is stored by now, rather than on its way: what was pulled through is served from where it was spooled, and
     * stored later.
     */
    boolean isSettled() {
        return Specimen.Origin.of(number) == Specimen.Origin.CLIENT
                || System.nanoTime() - since > TimeUnit.SECONDS.toNanos(SETTLING_SECONDS);
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
