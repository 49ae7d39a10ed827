package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.FaultPlan.Fault;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Requests for what only upstreams have. */
final class Pulling {

    /** Requests that a client makes for a NAR that breaks off, as Nix does. */
    private static final int ATTEMPTS = 5;

    private static final int CLIENTS = 4;

    /** How long after a fault its upstream may count as bad. */
    private static final long MEMORY_SECONDS = 90;

    private Pulling() {}

    /** A path that both upstreams have: whatever the bad one does, it must come. */
    static void both(Turn turn) throws UnexpectedException {
        pull(turn, turn.scene().unseen(Origin.BOTH));
    }

    /** A path that only the bad upstream has: it comes, or is not there, or breaks off; it is never wrong. */
    static void flaky(Turn turn) throws UnexpectedException {
        pull(turn, turn.scene().unseen(Origin.FLAKY));
    }

    private static void pull(Turn turn, Specimen specimen) throws UnexpectedException {
        Scene scene = turn.scene();
        if (turn.chance(0.2)) {
            Answer head = turn.head(specimen.narInfoUrl());
            if (!missing(turn, specimen, head)) {
                Scene.requireStatus("HEAD " + specimen.narInfoUrl(), head, 200);
            }
        }
        Answer narInfo = turn.get(specimen.narInfoUrl());
        if (missing(turn, specimen, narInfo)) {
            return;
        }
        Set<String> signatures = Set.copyOf(specimen.info(scene.upstreamKey()).signatures());
        scene.requireNarInfo(specimen, narInfo, signatures);
        if (turn.chance(0.15)) {
            Answer part = turn.leave(specimen.url(), turn.random().nextInt(specimen.nar().length));
            requireUnlessLied(turn, specimen, part, 0);
        }
        if (turn.chance(0.2) ? together(turn, specimen) : fetch(turn, specimen)) {
            scene.paths().add(new StoredPath(specimen.number(), signatures), turn.random());
        }
    }

    /** Tells whether a path is missing that may be. */
    private static boolean missing(Turn turn, Specimen specimen, Answer answer) {
        boolean may = answer.isComplete()
                && answer.status() == 404
                && (turn.scene().overload().within(MEMORY_SECONDS)
                        || (specimen.origin() == Origin.FLAKY
                                && turn.scene().faults().within(MEMORY_SECONDS)));
        if (may) {
            turn.tally().borne();
        }
        return may;
    }

    /** Fetches a NAR as Nix does, going on where it broke off; returns whether it came. */
    private static boolean fetch(Turn turn, Specimen specimen) throws UnexpectedException {
        byte[] nar = specimen.nar();
        int have = 0;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Answer answer =
                    have == 0 ? turn.get(specimen.url()) : turn.get(specimen.url(), "Range: bytes=" + have + "-");
            if (answer.lost() == null) {
                if (answer.status() == 404 && lied(turn, specimen)) {
                    turn.tally().borne();
                    return false;
                }
                Scene.requireStatus(
                        specimen.url() + " from " + have + ", attempt " + attempt, answer, have == 0 ? 200 : 206);
                Scene.requireBytes(specimen.url() + " from " + have, nar, have, nar.length - have, answer);
                return true;
            }
            if (!lied(turn, specimen)) {
                throw new UnexpectedException(specimen.url() + " from " + have + " without a fault: " + answer);
            }
            turn.tally().borne();
            if (!requireUnlessLied(turn, specimen, answer, have)) {
                return false;
            }
            have += answer.body().length;
            if (have == nar.length) {
                throw new UnexpectedException(specimen.url() + ": all bytes came, and then the connection was reset");
            }
        }
        return false;
    }

    /**
     * Checks the bytes of an answer that is cut off, which may be wrong only if the upstream gave wrong ones, as the hash can be
     * checked at the end only; returns whether they are right.
     */
    private static boolean requireUnlessLied(Turn turn, Specimen specimen, Answer answer, int off)
            throws UnexpectedException {
        boolean partial = answer.status() == 200 || answer.status() == 206;
        if (!partial || answer.isComplete()) {
            return true;
        }
        byte[] nar = specimen.nar();
        int end = Math.min(nar.length, off + answer.body().length);
        boolean right = Arrays.mismatch(nar, off, end, answer.body(), 0, answer.body().length) < 0;
        if (!right && !turn.scene().faults().of(specimen.path().digest()).contains(Fault.WRONG_BYTES)) {
            throw new UnexpectedException(specimen.url() + " from " + off + ": wrong bytes before it broke off");
        }
        return right;
    }

    /** Whether a download of this path may fail: it met a fault, and there is nowhere else or the bytes were wrong. */
    private static boolean lied(Turn turn, Specimen specimen) {
        Set<Fault> seen = turn.scene().faults().of(specimen.path().digest());
        return seen.contains(Fault.WRONG_BYTES)
                || turn.scene().overload().within(MEMORY_SECONDS)
                || (specimen.origin() == Origin.FLAKY && turn.scene().faults().within(MEMORY_SECONDS));
    }

    /** Several clients want the same NAR at the same time; returns whether all got it. */
    private static boolean together(Turn turn, Specimen specimen) throws UnexpectedException {
        List<Future<Boolean>> fetches = new ArrayList<>();
        boolean all = true;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                SplittableRandom random = turn.random().split();
                fetches.add(threads.submit(() -> {
                    try (CacheClient client = new CacheClient(turn.scene().server())) {
                        return fetch(new Turn(turn.scene(), random, client, turn.tally()), specimen);
                    }
                }));
            }
            for (Future<Boolean> each : fetches) {
                all &= each.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnexpectedException unexpected) {
                throw unexpected;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return all;
    }
}
