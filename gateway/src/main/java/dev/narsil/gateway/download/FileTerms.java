package dev.narsil.gateway.download;

import java.util.concurrent.ScheduledExecutorService;

/** The terms on which a download reads files: how long each is waited for depends on who else is left, and who waits. */
record FileTerms(HolderTurns turns, SpooledNar nar, Download.Environment environment) implements WireFile.Environment {

    /** Stall budgets that a NAR which nobody else has may take for 16 KiB while other downloads wait for their turn. */
    private static final long STALLS_WHILE_OTHERS_WAIT = 4;

    @Override
    public boolean othersLeft() {
        return turns.othersLeft(nar::isGiven);
    }

    @Override
    public long patienceNanos() {
        long stall = environment.limits().stall().toNanos();
        if (othersLeft()) {
            return stall;
        }
        return environment.othersWait().getAsBoolean() ? STALLS_WHILE_OTHERS_WAIT * stall : Long.MAX_VALUE;
    }

    @Override
    public void skipped() {
        nar.expectMore();
    }

    @Override
    public DownloadCounters counters() {
        return environment.counters();
    }

    @Override
    public ScheduledExecutorService timer() {
        return environment.timer();
    }
}
