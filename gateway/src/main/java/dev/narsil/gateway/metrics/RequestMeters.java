package dev.narsil.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Counts and times the requests of one route and method. Recording looks nothing up by name and never blocks. */
public final class RequestMeters {

    private static final int MIN_STATUS = 100;
    private static final int MAX_STATUS = 599;

    /** The upper bounds of the histograms' buckets; the last are those of downloads and uploads. */
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2),
        Duration.ofMinutes(10)
    };

    private final MeterRegistry registry;
    private final Tags tags;
    private final Timer head;
    private final Timer whole;
    private final Counter received;
    private final Counter sent;
    private final Counter cut;
    private final AtomicReferenceArray<@Nullable Counter> answered =
            new AtomicReferenceArray<>(MAX_STATUS - MIN_STATUS + 2);

    RequestMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        head = timer("narsil.http.head", "Time from a request's headers to those of its response");
        whole = timer("narsil.http.response", "Time from a request's headers to the end of its response");
        received = counter("narsil.http.received", "Bytes of requests' bodies");
        sent = counter("narsil.http.sent", "Bytes of responses' bodies");
        cut = Counter.builder("narsil.http.cut")
                .description("Requests whose connection ended before their response did")
                .tags(tags)
                .register(registry);
    }

    /** Notes that the headers of a response go out, {@code nanos} after those of its request came. */
    public void answered(int status, long nanos) {
        int index = status < MIN_STATUS || status > MAX_STATUS ? answered.length() - 1 : status - MIN_STATUS;
        Counter counter = answered.get(index);
        if (counter == null) {
            counter = statusCounter(index);
        }
        counter.increment();
        head.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Notes that a response ended, {@code nanos} after the headers of its request came. */
    public void ended(long nanos, long bodyBytes) {
        whole.record(nanos, TimeUnit.NANOSECONDS);
        if (bodyBytes > 0) {
            sent.increment((double) bodyBytes);
        }
    }

    /** Notes that a connection ended before the response did. */
    public void cut() {
        cut.increment();
    }

    /** Notes bytes of a request's body. */
    public void received(long bodyBytes) {
        received.increment((double) bodyBytes);
    }

    /** How many responses of a status began. */
    public long count(int status) {
        Counter counter = answered.get(status - MIN_STATUS);
        return counter == null ? 0 : (long) counter.count();
    }

    private Counter statusCounter(int index) {
        String code = index == answered.length() - 1 ? "other" : Integer.toString(MIN_STATUS + index);
        // the registry gives the same meter to whoever comes second
        Counter counter = Counter.builder("narsil.http.requests")
                .description("Requests by the status of their response")
                .tags(tags.and("status", code))
                .register(registry);
        answered.set(index, counter);
        return Objects.requireNonNull(counter);
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name)
                .description(help)
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
    }

    private Timer timer(String name, String help) {
        return Timer.builder(name)
                .description(help)
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}
