package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to give the NAR of one download, and why it did not come from others. Used by the thread of the download;
 * any may ask for {@link #all()}.
 */
final class HolderTurns {

    private final boolean fromOneAlone;
    private final Candidates candidates;
    private final List<String> failures = new ArrayList<>();
    private final Set<Holder> changed = new HashSet<>();
    private final Set<Holder> triedOut = new HashSet<>();

    /** Those of a NAR, in their order, but for what is suspected of them. */
    HolderTurns(Sha256 narHash, KnownHolders holders, Suspicions suspicions) {
        this.fromOneAlone = suspicions.isContested(narHash);
        this.candidates = new Candidates(
                fromOneAlone ? suspicions.byTrouble(narHash, holders.now()) : holders.now(), holders.late());
    }

    /** All that turned up so far. */
    List<Holder> all() {
        return candidates.all();
    }

    /** Whether all of the NAR is to come from the same one, as it came wrong from several. */
    boolean fromOneAlone() {
        return fromOneAlone;
    }

    /** Whether the NAR could be had from another one; {@code given} tells whether clients have some of it. */
    boolean othersLeft(BooleanSupplier given) {
        return !candidates.isEmpty() && !(fromOneAlone && given.getAsBoolean());
    }

    /** Whether nobody is left in this round. */
    boolean isEmpty() {
        return candidates.isEmpty();
    }

    /** Has all of them tried again. */
    void beginRound() {
        candidates.beginRound();
    }

    /** Waits until one is left or nobody else turns up; returns whether one is left. */
    boolean await() throws InterruptedException {
        return candidates.await();
    }

    /** Runs a race among those who are left; remembers why those that failed did. */
    HolderRace.@Nullable Opened run(HolderRace race) throws InterruptedException {
        return race.run(candidates, failures);
    }

    /**
     * Returns who might be sooner than the one that the NAR comes from, once for each; null if nobody is to be tried.
     * Upstreams are not tried against each other, as that would cost them traffic.
     */
    @Nullable
    Holder toTryOut(Holder current) {
        Holder next = fromOneAlone
                ? null
                : candidates.best(other -> other.origin() != current.origin() && !triedOut.contains(other));
        if (next != null) {
            triedOut.add(next);
        }
        return next;
    }

    /** Hears that another one is much sooner and has the next turn; the first has one more at the end. */
    void overtaken(Holder current, Holder sooner) {
        candidates.putBack(current, false);
        candidates.prefer(sooner);
    }

    /** Hears that one has another file now, which is read from its beginning, once. */
    void changed(Holder current) {
        if (changed.add(current)) {
            candidates.putBack(current, true);
        }
    }

    /** Remembers why one gave no more. */
    void failed(String reason) {
        failures.add(reason);
    }

    /** Returns why none of them gave the NAR. */
    DownloadException unavailable() {
        return new DownloadException(DownloadException.Kind.UNAVAILABLE, String.join("; ", failures));
    }
}
