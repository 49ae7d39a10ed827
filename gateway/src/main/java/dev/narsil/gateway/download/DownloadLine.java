package dev.narsil.gateway.download;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The downloads that run, and those that wait for their turn, first come first served. Where there are several upstreams
 * one of them never has all turns, however slow it is. Safe for use by many threads.
 */
final class DownloadLine {

    /** What has its turn some time. */
    interface Member extends Runnable {

        /** The upstream it is most likely to use. */
        String upstream();

        /** Hears that it never has its turn. */
        void neverRuns();
    }

    private static final Logger LOG = LoggerFactory.getLogger(DownloadLine.class);

    /** The most turns of one upstream where there are others. */
    private static final double SHARE_OF_ONE = 0.75;

    private final Executor threads;
    private final int most;
    private final int mostOfOne;
    private final int mostWaiting;
    private final Deque<Member> waiting = new ArrayDeque<>();
    private final Map<String, Integer> running = new HashMap<>();
    private int allRunning;

    /**
     * An empty line.
     *
     * @param threads run as many as the limits say at a time
     */
    DownloadLine(Executor threads, DownloadLimits limits, boolean severalUpstreams) {
        this.threads = threads;
        this.most = limits.downloads();
        this.mostOfOne = severalUpstreams ? Math.max(1, (int) (most * SHARE_OF_ONE)) : most;
        this.mostWaiting = limits.waiting();
    }

    /**
     * Runs a member when it is its turn.
     *
     * @throws RejectedExecutionException if too many wait
     */
    synchronized void add(Member member) {
        if (mayRun(member)) {
            run(member);
        } else if (waiting.size() < mostWaiting) {
            waiting.addLast(member);
        } else {
            throw new RejectedExecutionException(waiting.size() + " downloads wait");
        }
    }

    /** Takes a member out that waits; returns false if it does not. */
    synchronized boolean withdraw(Member member) {
        return waiting.remove(member);
    }

    /** Whether some wait for others to end. */
    synchronized boolean isAnyWaiting() {
        return !waiting.isEmpty();
    }

    /** Empties the line. */
    void dissolve() {
        List<Member> never;
        synchronized (this) {
            never = List.copyOf(waiting);
            waiting.clear();
        }
        never.forEach(Member::neverRuns);
    }

    private boolean mayRun(Member member) {
        return allRunning < most && running.getOrDefault(member.upstream(), 0) < mostOfOne;
    }

    private void run(Member member) {
        threads.execute(() -> {
            try {
                member.run();
            } finally {
                ended(member.upstream());
            }
        });
        allRunning++;
        running.merge(member.upstream(), 1, Integer::sum);
    }

    private synchronized void ended(String upstream) {
        allRunning--;
        running.computeIfPresent(upstream, (name, count) -> count == 1 ? null : count - 1);
        for (Iterator<Member> next = waiting.iterator(); next.hasNext() && allRunning < most; ) {
            Member member = next.next();
            if (mayRun(member)) {
                try {
                    run(member);
                    next.remove();
                } catch (RejectedExecutionException e) {
                    LOG.debug("closing", e);
                    return;
                }
            }
        }
    }
}
