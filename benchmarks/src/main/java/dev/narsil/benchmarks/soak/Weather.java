package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.FaultPlan;
import dev.narsil.benchmarks.FaultPlan.Fault;
import java.util.List;
import java.util.SplittableRandom;

/** What the bad upstream is like: one sort of bad for some seconds, then another. */
final class Weather {

    /** How long each lasts. */
    static final int SECONDS = 8;

    private static final int DRIP_BYTES = 20_000;

    private static final List<FaultPlan> PLANS = List.of(
            FaultPlan.NONE,
            FaultPlan.NONE.withLatency(50),
            FaultPlan.NONE
                    .with(Fault.CUT, 0.1, 0)
                    .with(Fault.DRIP, 0.05, DRIP_BYTES)
                    .with(Fault.WRONG_BYTES, 0.05, 0)
                    .with(Fault.WRONG_LENGTH, 0.05, 0)
                    .with(Fault.ERROR_500, 0.03, 0)
                    .with(Fault.ERROR_503, 0.03, 1)
                    .with(Fault.REDIRECT_LOOP, 0.02, 0)
                    .with(Fault.REFUSE, 0.03, 0)
                    .with(Fault.HANG, 0.01, 0),
            FaultPlan.NONE.with(Fault.CUT, 0.7, 0).withOnly("/nar/"),
            FaultPlan.NONE.with(Fault.DRIP, 0.5, DRIP_BYTES).withOnly("/nar/").withLatency(20),
            FaultPlan.NONE
                    .with(Fault.WRONG_BYTES, 0.5, 0)
                    .with(Fault.WRONG_LENGTH, 0.3, 0)
                    .withOnly("/nar/"),
            FaultPlan.NONE.with(Fault.HANG, 0.5, 0).withOnly("/nar/"),
            FaultPlan.NONE.with(Fault.REFUSE, 1, 0),
            FaultPlan.NONE.with(Fault.HANG, 1, 0),
            FaultPlan.NONE.with(Fault.ERROR_500, 0.5, 0).with(Fault.ERROR_503, 0.5, 2),
            FaultPlan.NONE.with(Fault.ERROR_404, 0.5, 0),
            FaultPlan.NONE.with(Fault.REDIRECT_LOOP, 1, 0));

    private Weather() {}

    /** Returns what comes next; every other time it is good. */
    static FaultPlan next(long number, SplittableRandom random) {
        return number % 3 == 0 ? FaultPlan.NONE : PLANS.get(random.nextInt(PLANS.size()));
    }
}
