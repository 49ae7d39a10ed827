package dev.narsil.gateway.subscribe;

import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.subscribe.SubscriptionRun.Ended;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What runs of subscriptions came to since the process began. */
public final class SubscriptionCounters {

    private final Map<Result, LongAdder> runs = new EnumMap<>(Result.class);
    private final LongAdder paths = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    SubscriptionCounters() {
        Arrays.stream(Result.values()).forEach(result -> runs.put(result, new LongAdder()));
    }

    void count(Ended ended) {
        of(ended.result()).increment();
        paths.add(ended.found().broughtPaths());
        bytes.add(ended.found().broughtBytes());
    }

    private LongAdder of(Result result) {
        return Objects.requireNonNull(runs.get(result));
    }

    /** Number of runs that went so. */
    public long runs(Result result) {
        return of(result).sum();
    }

    /** Registers these, and how many subscriptions are in which state. */
    public void register(Subscriptions subscriptions, Metrics metrics) {
        for (Result result : Result.values()) {
            metrics.gauge(
                    "narsil.subscriptions",
                    "Subscriptions by how their last run went",
                    () -> subscriptions.list().stream()
                            .filter(each -> each.state().result() == result)
                            .count(),
                    "result",
                    result.toString());
            if (result != Result.NEVER && result != Result.RUNNING) {
                metrics.counter(
                        "narsil.subscription.runs",
                        "Runs of subscriptions by how they went",
                        of(result)::sum,
                        "result",
                        result.toString());
            }
        }
        metrics.counter("narsil.subscription.paths", "Paths that subscriptions brought", paths::sum);
        metrics.counter("narsil.subscription.nar.bytes", "Bytes of NARs that subscriptions brought", bytes::sum);
    }
}
