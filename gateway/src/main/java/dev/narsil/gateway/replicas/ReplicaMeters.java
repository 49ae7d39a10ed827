package dev.narsil.gateway.replicas;

import dev.narsil.gateway.metrics.Metrics;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** Registers what the rounds of a schedule find. */
public final class ReplicaMeters {

    private final Metrics metrics;
    private final ReplicaSchedule schedule;

    private ReplicaMeters(Metrics metrics, ReplicaSchedule schedule) {
        this.metrics = metrics;
        this.schedule = schedule;
    }

    /** Registers the meters of a schedule. */
    public static void register(ReplicaSchedule schedule, Metrics metrics) {
        ReplicaMeters meters = new ReplicaMeters(metrics, schedule);
        meters.gauge("wanted", "Copies of published paths that are wanted", RoundSummary::wanted);
        meters.gauge(
                "verified",
                "Copies of which blocks were seen, those of the own daemon among them",
                RoundSummary::verified);
        meters.gauge("claimed", "Copies that donors say they have and that were not seen", RoundSummary::claimed);
        meters.gauge("missing", "Copies that are wanted and not there", RoundSummary::missing);
        meters.gauge(
                "unpublished",
                "Paths of which copies are wanted and that are not published",
                RoundSummary::unpublished);
        meters.rounds("done", schedule::rounds);
        meters.rounds("failed", schedule::failed);
    }

    private void gauge(String what, String help, ToLongFunction<RoundSummary> value) {
        metrics.gauge("narsil.ipfs.replicas." + what, help, () -> {
            RoundSummary last = schedule.last();
            return last == null ? Double.NaN : value.applyAsLong(last);
        });
    }

    private void rounds(String result, LongSupplier count) {
        metrics.counter(
                "narsil.ipfs.replicas.rounds",
                "Rounds in which all copies that are wanted were looked at",
                count,
                "result",
                result);
    }
}
