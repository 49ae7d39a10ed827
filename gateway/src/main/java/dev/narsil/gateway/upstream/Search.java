package dev.narsil.gateway.upstream;

import dev.narsil.rewrite.path.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One search for a path: upstreams are asked in order, the next one when the one before does not have it, fails, or
 * is slower than its hedge. Those whose connection broke get another turn after all others. The first good answer wins
 * and the others are cancelled. Safe for use by many threads; never blocks.
 */
final class Search {

    /** Most turns of one upstream. */
    static final int MAX_TURNS = 3;

    private final Digest digest;
    private final ScheduledExecutorService timer;
    private final long deadline;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Turn> waiting = new ArrayDeque<>();
    private final List<Asked> running = new ArrayList<>();
    private boolean allAnswered;
    private boolean decided;

    /** An upstream that is to be asked for the {@code number}th time. */
    private record Turn(Upstream upstream, int number) {}

    /** A turn that was taken; {@code passed} tells that the one after it was too. */
    private static final class Asked {
        private final Turn turn;
        private final CompletableFuture<Answer> answer;
        private boolean passed;
        private boolean slow;

        private Asked(Turn turn, CompletableFuture<Answer> answer) {
            this.turn = turn;
            this.answer = answer;
        }

        private Upstream upstream() {
            return turn.upstream();
        }
    }

    /**
     * A search that has not begun.
     *
     * @param upstreams those that may be asked, in order
     * @param complete whether these are all there are, so that it is absent if none of them has it
     * @param budgetNanos after which nobody else is asked
     */
    Search(
            Digest digest,
            List<Upstream> upstreams,
            boolean complete,
            ScheduledExecutorService timer,
            long budgetNanos) {
        this.digest = digest;
        upstreams.forEach(upstream -> waiting.add(new Turn(upstream, 1)));
        this.allAnswered = complete;
        this.timer = timer;
        this.deadline = System.nanoTime() + budgetNanos;
    }

    /** Begins; the result never fails, and comes at the latest when the last of those asked has used up its time. */
    CompletableFuture<Outcome> start() {
        askNext(false);
        return outcome;
    }

    private void askNext(boolean hedge) {
        Outcome end = null;
        Asked asked = null;
        boolean last;
        lock.lock();
        try {
            if (decided) {
                return;
            }
            Turn turn = System.nanoTime() - deadline < 0 ? waiting.poll() : null;
            last = waiting.isEmpty();
            if (turn == null) {
                allAnswered &= last;
                if (!running.isEmpty()) {
                    return;
                }
                decided = true;
                end = allAnswered ? new Outcome.Absent() : new Outcome.Unknown();
            } else {
                asked = new Asked(turn, turn.upstream().ask(digest, hedge));
                running.add(asked);
            }
        } finally {
            lock.unlock();
        }
        if (asked != null) {
            await(asked, last);
        } else if (end != null) {
            outcome.complete(end);
        }
    }

    private void await(Asked asked, boolean last) {
        ScheduledFuture<?> hedge = last ? null : hedge(asked);
        var _ = asked.answer.whenComplete((answer, failure) -> {
            if (hedge != null) {
                hedge.cancel(false);
            }
            answered(asked, failure == null ? answer : new Answer.Failed("cancelled", false));
        });
    }

    private @Nullable ScheduledFuture<?> hedge(Asked asked) {
        try {
            return timer.schedule(() -> slow(asked), asked.upstream().hedgeNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // closing: what was asked fails soon
            return null;
        }
    }

    private void slow(Asked asked) {
        lock.lock();
        try {
            if (decided || asked.passed) {
                return;
            }
            asked.passed = true;
            asked.slow = true;
        } finally {
            lock.unlock();
        }
        askNext(true);
    }

    private void answered(Asked asked, Answer answer) {
        boolean goOn;
        List<Asked> losers = List.of();
        lock.lock();
        try {
            running.remove(asked);
            if (decided) {
                return;
            }
            if (answer instanceof Answer.Found) {
                losers = List.copyOf(running);
                decided = true;
                goOn = false;
            } else if (answer instanceof Answer.Failed failed && failed.cut() && asked.turn.number() < MAX_TURNS) {
                // where the others have had their turns nobody's hedge would lead to this one
                goOn = !asked.passed || waiting.isEmpty() || running.isEmpty();
                asked.passed = true;
                waiting.add(new Turn(asked.upstream(), asked.turn.number() + 1));
            } else {
                allAnswered &= answer instanceof Answer.Absent;
                goOn = !asked.passed || running.isEmpty();
                asked.passed = true;
            }
        } finally {
            lock.unlock();
        }
        for (Asked loser : losers) {
            if (loser.slow) {
                loser.upstream().health().lost();
            }
            loser.answer.cancel(true);
        }
        if (answer instanceof Answer.Found found) {
            outcome.complete(new Outcome.Found(new RemotePath(
                    asked.upstream().url(),
                    found.narInfo(),
                    found.text(),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS))));
        } else if (goOn) {
            askNext(false);
        }
    }
}
