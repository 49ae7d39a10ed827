package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.FaultPlan.Fault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came of a soak.
 *
 * @param faults how many of each the bad upstream made
 * @param timesLate how often the good upstream was late, so that it may have been given up
 * @param problems what was not expected; none if all is well
 */
record SoakReport(
        SoakOptions options,
        Map<Operation, Tally> tallies,
        List<Sampler.Trend> trends,
        Map<Fault, Long> faults,
        long timesLate,
        List<String> problems) {

    private static final double MEGA = 1e6;

    String text() {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%-12s %9s %9s %9s %7s %10s %8s %8s  %s",
                "operation",
                "count",
                "MB up",
                "MB down",
                "borne",
                "unexpected",
                "mean ms",
                "most ms",
                "answers");
        for (Map.Entry<Operation, Tally> entry : tallies.entrySet()) {
            Tally tally = entry.getValue();
            line(
                    text,
                    "%-12s %9d %9.1f %9.1f %7d %10d %8.1f %8.0f  %s",
                    entry.getKey(),
                    tally.operations(),
                    tally.bytesSent() / MEGA,
                    tally.bytesReceived() / MEGA,
                    tally.errorsBorne(),
                    tally.failures(),
                    tally.meanMillis(),
                    tally.mostMillis(),
                    tally.statusText());
        }
        line(text, "");
        line(
                text,
                "%-18s %9s %9s %9s %9s %9s %9s",
                "of the server",
                "first",
                "2nd 5th",
                "last 5th",
                "may be",
                "last",
                "most");
        for (Sampler.Trend trend : trends) {
            line(
                    text,
                    "%-18s %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f %s",
                    trend.measure().label(),
                    trend.first(),
                    trend.early(),
                    trend.late(),
                    trend.allowed(),
                    trend.last(),
                    trend.most(),
                    trend.measure().unit());
        }
        line(text, "");
        line(text, "faults of the bad upstream: %s; the good one was late %d times", faults, timesLate);
        line(
                text,
                "seed %d, %d s: %s",
                options.seed(),
                options.seconds(),
                problems.isEmpty() ? "nothing unexpected, store sound" : problems.size() + " problems");
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }

    String json() {
        JsonObject operations = new JsonObject();
        tallies.forEach((operation, tally) -> {
            JsonObject statuses = new JsonObject();
            tally.statuses().forEach((status, count) -> statuses.put(Integer.toString(status), count));
            operations.put(
                    operation.toString(),
                    new JsonObject()
                            .put("count", tally.operations())
                            .put("bytesSent", tally.bytesSent())
                            .put("bytesReceived", tally.bytesReceived())
                            .put("errorsBorne", tally.errorsBorne())
                            .put("unexpected", tally.failures())
                            .put("meanMillis", tally.meanMillis())
                            .put("mostMillis", tally.mostMillis())
                            .put("statuses", statuses));
        });
        JsonArray measures = new JsonArray();
        trends.forEach(trend -> measures.add(new JsonObject()
                .put("measure", trend.measure().label())
                .put("unit", trend.measure().unit())
                .put("first", trend.first())
                .put("early", trend.early())
                .put("late", trend.late())
                .put("allowed", trend.allowed())
                .put("last", trend.last())
                .put("most", trend.most())
                .put("flat", trend.isFlat())));
        JsonObject made = new JsonObject();
        faults.forEach((fault, count) -> made.put(fault.name().toLowerCase(Locale.ROOT), count));
        return new JsonObject()
                        .put("seed", options.seed())
                        .put("seconds", options.seconds())
                        .put("rate", options.rate())
                        .put("operations", operations)
                        .put("samples", measures)
                        .put("faults", made)
                        .put("timesLate", timesLate)
                        .put("problems", new JsonArray(problems))
                        .encodePrettily()
                + "\n";
    }
}
